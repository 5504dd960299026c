namespace Strata.Sqlite;

/// <summary>What went wrong, for those who act on it.</summary>
public enum SqliteProblem
{
    /// <summary>No space is left on the disk.</summary>
    Full,

    /// <summary>Another process kept the database locked for too long.</summary>
    Busy,

    /// <summary>The file is damaged, or no database.</summary>
    Corrupt,

    /// <summary>The file or its folder may not be written.</summary>
    ReadOnly,

    /// <summary>The file could not be opened.</summary>
    CannotOpen,

    /// <summary>A unique, check, null or foreign key constraint refused the row.</summary>
    Constraint,

    /// <summary>Reading or writing the disk failed.</summary>
    Disk,

    /// <summary>The database was written by a newer version of the program.</summary>
    Newer,

    /// <summary>The SQL was wrong, or SQLite was used wrongly: a mistake of ours.</summary>
    Misuse,
}
