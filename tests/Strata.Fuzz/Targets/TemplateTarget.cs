using System.Text;
using Strata.Cli.Templates;

namespace Strata.Fuzz.Targets;

/// <summary>What a person, or a script that somebody else wrote, gives as <c>--format</c>.</summary>
internal static class TemplateTarget
{
    private static readonly Value Data = Value.Of(
        ("ID", "sha256:0123456789"),
        ("Size", 1234567),
        ("Share", new Value.Real(0.5)),
        ("Ready", true),
        ("Nothing", Value.None),
        ("Tags", Value.Of(["a:1", "b:2", "ä"])),
        ("Numbers", Value.Of([1, 2, 3])),
        ("Labels", new Value.Map([new("a", "b"), new("c.d", "e")])),
        ("Config", Value.Of(("Env", Value.NoList), ("Ports", Value.NoMap), ("Self", Value.Of(("Self", "deep"))))));

    public static void Read(byte[] input)
    {
        var text = Encoding.UTF8.GetString(input);
        Fill(text, escapes: false);
        Fill(text, escapes: true);
    }

    private static void Fill(string text, bool escapes)
    {
        try
        {
            var filled = Template.Parse(text, escapes).Fill(Data);
            if (!escapes && !text.Contains("{{", StringComparison.Ordinal) && filled != text)
            {
                throw new InvalidOperationException("A text without actions is another one.");
            }
        }
        catch (TemplateException)
        {
        }
    }
}
