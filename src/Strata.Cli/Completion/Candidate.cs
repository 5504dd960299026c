namespace Strata.Cli.Completion;

/// <summary>A word that may stand where the cursor is, and what it is.</summary>
internal readonly record struct Candidate(string Word, string About);
