using System.Text;

namespace Strata.Dockerfile;

/// <summary>A here-document of RUN, COPY or ADD.</summary>
public sealed record Heredoc
{
    public required string Name { get; init; }

    /// <summary>The lines between the opening line and the terminator, unchanged, with their line ends.</summary>
    public string Content { get; init; } = "";

    /// <summary>Written <c>&lt;&lt;-</c>: leading tabs are no part of the body.</summary>
    public bool StripTabs { get; init; }

    /// <summary>False when a part of the name was quoted: variables in the body stay as they are.</summary>
    public bool Expand { get; init; } = true;

    /// <summary>The number in front of <c>&lt;&lt;</c>, 0 when there is none.</summary>
    public int FileDescriptor { get; init; }

    /// <summary>The content with leading tabs removed if <see cref="StripTabs"/> asks for it.</summary>
    public string Body
    {
        get
        {
            if (!StripTabs)
            {
                return Content;
            }

            var body = new StringBuilder(Content.Length);
            bool atLineStart = true;
            foreach (char c in Content)
            {
                if (atLineStart && c == '\t')
                {
                    continue;
                }

                body.Append(c);
                atLineStart = c == '\n';
            }

            return body.ToString();
        }
    }
}
