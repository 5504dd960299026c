using System.Collections.Immutable;
using System.Text;

namespace Strata.Dockerfile;

/// <summary>Collects the result of an expansion both as one text and split into words.</summary>
internal sealed class SplitText
{
    private readonly StringBuilder _text = new();
    private readonly StringBuilder _word = new();
    private readonly ImmutableArray<string>.Builder _words = ImmutableArray.CreateBuilder<string>();

    /// <summary>Text whose white space splits.</summary>
    public void Add(string text)
    {
        Grow(text);
        foreach (char c in text)
        {
            AddToWord(c);
        }
    }

    public void Add(char c)
    {
        _text.Append(c);
        AddToWord(c);
    }

    /// <summary>Text that was quoted or escaped: it never splits.</summary>
    public void AddWhole(string text)
    {
        Grow(text);
        _word.Append(text);
    }

    public void AddWhole(char c)
    {
        _text.Append(c);
        _word.Append(c);
    }

    public override string ToString() => _text.ToString();

    public ImmutableArray<string> ToWords()
    {
        EndWord();
        return _words.ToImmutable();
    }

    private void Grow(string text)
    {
        if (_text.Length + text.Length > Expansion.MaxLength)
        {
            throw new ShellSyntaxException(
                string.Create(null, $"the result is longer than {Expansion.MaxLength / (1024 * 1024)} Mi characters"));
        }

        _text.Append(text);
    }

    private void AddToWord(char c)
    {
        if (WhiteSpace.IsSpace(c))
        {
            EndWord();
        }
        else
        {
            _word.Append(c);
        }
    }

    private void EndWord()
    {
        if (_word.Length > 0)
        {
            _words.Add(_word.ToString());
            _word.Clear();
        }
    }
}
