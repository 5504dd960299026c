namespace Strata.Cli.Templates;

/// <summary>A template that can't be read, or asks for what there is not.</summary>
/// <param name="position">In the template's text, from 0 on; people are told the column.</param>
/// <param name="problem">A phrase without a full stop.</param>
internal sealed class TemplateException(int position, string problem) : FormatException($"--format, column {position + 1}: {problem}");
