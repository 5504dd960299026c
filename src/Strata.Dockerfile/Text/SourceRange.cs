namespace Strata.Dockerfile;

/// <summary>Lines of a Dockerfile, counted from 1, both included.</summary>
public readonly record struct SourceRange(int StartLine, int EndLine)
{
    public static SourceRange Line(int line) => new(line, line);

    public override string ToString() =>
        StartLine == EndLine ? string.Create(null, $"line {StartLine}") : string.Create(null, $"lines {StartLine}-{EndLine}");
}
