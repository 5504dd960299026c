namespace Strata.Content;

/// <summary>Text that must not be shown: no way of printing, logging or serialising this shows it, only <see cref="Reveal"/> does.</summary>
public sealed class Secret(string value)
{
    private readonly string _value = value;

    /// <summary>The text itself, for the one place that sends or stores it.</summary>
    public string Reveal() => _value;

    public override string ToString() => "***";
}
