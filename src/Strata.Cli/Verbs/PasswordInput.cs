using System.Text;
using Strata.Host;

namespace Strata.Cli.Verbs;

/// <summary>What <c>--password-stdin</c> takes: all there is, since keys of service accounts have several lines; as docker does, without the newline at its end.</summary>
internal static class PasswordInput
{
    internal const int MaxSize = 64 * 1024;

    public static async Task<string> ReadAsync(Stream input, CancellationToken cancellationToken)
    {
        // A byte more than may come, and the newline that does not count.
        var bytes = new byte[MaxSize + 3];
        var length = await input.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
        var content = bytes.AsSpan(0, length);
        content = content.EndsWith("\n"u8) ? content[..^1] : content;
        content = content.EndsWith("\r"u8) ? content[..^1] : content;
        return content.Length <= MaxSize
            ? Encoding.UTF8.GetString(content)
            : throw new StrataException($"the password on standard input is longer than {MaxSize} bytes", "is it the right file? strata login -u NAME --password-stdin REGISTRY < FILE");
    }
}
