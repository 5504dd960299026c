using System.Globalization;

namespace Strata.Cli.Tests.Rendering;

/// <summary>A terminal of so many lines, as far as a live region uses one: what is to be seen, and what has scrolled out of it.</summary>
internal sealed class Screen(int height)
{
    private readonly List<string> _lines = [""];
    private int _row;
    private int _top;

    /// <summary>Everything since the beginning, without colours.</summary>
    public string All => string.Join('\n', _lines).TrimEnd('\n');

    public int Scrolled => _top;

    public Screen Show(string text)
    {
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] == '\n')
            {
                _row++;
                if (_row == _lines.Count)
                {
                    _lines.Add("");
                }
                _top = Math.Max(_top, _row - height + 1);
            }
            else if (text[at] != '\e')
            {
                _lines[_row] += text[at];
            }
            else
            {
                var end = at + 2;
                while (!char.IsAsciiLetter(text[end]))
                {
                    end++;
                }
                Obey(text[end], text[(at + 2)..end]);
                at = end;
            }
        }
        return this;
    }

    private void Obey(char command, string parameter)
    {
        switch (command)
        {
            case 'F':
                // It stops at the top of what is seen.
                _row = Math.Max(_top, _row - int.Parse(parameter, CultureInfo.InvariantCulture));
                _lines[_row] = "";
                break;
            case 'J':
                _lines.RemoveRange(_row, _lines.Count - _row);
                _lines.Add("");
                break;
            case 'K' when _row + 1 < _lines.Count:
                // The next line is written over.
                _lines[_row + 1] = "";
                break;
        }
    }
}
