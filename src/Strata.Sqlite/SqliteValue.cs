using SQLitePCL;

namespace Strata.Sqlite;

/// <summary>A value given to a statement. Converts from what SQLite can hold, so that callers just write the value.</summary>
public readonly struct SqliteValue
{
    private readonly long _number;
    private readonly object? _object;
    private readonly Kind _kind;

    private SqliteValue(Kind kind, long number, object? boxed) => (_kind, _number, _object) = (kind, number, boxed);

    private enum Kind : byte
    {
        Null,
        Integer,
        Real,
        Text,
        Blob,
    }

    public static SqliteValue Null => default;

    public static implicit operator SqliteValue(long value) => new(Kind.Integer, value, null);
    public static implicit operator SqliteValue(long? value) => value is { } number ? number : default(SqliteValue);
    public static implicit operator SqliteValue(bool value) => new(Kind.Integer, value ? 1 : 0, null);
    public static implicit operator SqliteValue(double value) => new(Kind.Real, BitConverter.DoubleToInt64Bits(value), null);
    public static implicit operator SqliteValue(string? value) => value is null ? default : new(Kind.Text, 0, value);
    public static implicit operator SqliteValue(byte[]? value) => value is null ? default : new(Kind.Blob, 0, value);

    public static implicit operator SqliteValue(ReadOnlyMemory<byte> value) => new(Kind.Blob, 0, value.ToArray());

    internal int BindTo(sqlite3_stmt statement, int index) => _kind switch
    {
        Kind.Null => raw.sqlite3_bind_null(statement, index),
        Kind.Integer => raw.sqlite3_bind_int64(statement, index, _number),
        Kind.Real => raw.sqlite3_bind_double(statement, index, BitConverter.Int64BitsToDouble(_number)),
        Kind.Text => raw.sqlite3_bind_text(statement, index, (string)_object!),
        _ => ((byte[])_object!).Length == 0
            ? raw.sqlite3_bind_zeroblob(statement, index, 0)
            : raw.sqlite3_bind_blob(statement, index, (byte[])_object!),
    };
}
