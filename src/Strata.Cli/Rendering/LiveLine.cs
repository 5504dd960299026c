namespace Strata.Cli.Rendering;

/// <summary>A line of a <see cref="LiveRegion"/>.</summary>
/// <param name="Text">Without a line's end.</param>
/// <param name="IsOver">Nothing happens there any more: the first to go where a terminal has no room for all.</param>
internal readonly record struct LiveLine(string Text, bool IsOver = false);
