using System.Text;
using CsCheck;

namespace Strata.Dockerfile.Tests;

public sealed class HostileInputTests
{
    private static readonly string[] Seeds =
    [
        "# syntax=docker/dockerfile:1\n# escape=`\n# check=skip=all\nARG V=1\nFROM --platform=$BUILDPLATFORM a:${V:-2} AS b\nRUN x `\n  # c\n y\n",
        "FROM scratch\nRUN <<EOF cat <<-'B' 3<<\"C\"\na\nEOF\n\tb\n\tB\nc\nC\nCOPY --chmod=755 <<X /y\n$Z${Q#*x}\nX\n",
        "FROM a\nRUN --mount=type=cache,target=/x,sharing=locked --mount=type=secret,id=s,env=E --network=none [\"a\", \"\\u1234\"]\n",
        "FROM a\nONBUILD COPY --from=b [\"x y\", \"/z\"]\nHEALTHCHECK --interval=5s --retries=3 CMD a\nENV a=\"b $c\" d='e' f=\\ g\nLABEL x y\n",
        "FROM a\nEXPOSE 80/tcp 1-3/UDP\nVOLUME [\"/a\"]\nSHELL [\"a\"]\nSTOPSIGNAL 9\nUSER u:g\nWORKDIR w\nENTRYPOINT e\nCMD c\nADD --checksum=x http://a b\n",
    ];

    [Fact]
    public void Random_bytes_are_read_or_refused_but_never_thrown_at() =>
        Gen.Byte.Array[0, 300].Sample(ReadEverything, time: 2);

    [Fact]
    public void Random_lines_of_the_language_are_read_or_refused_but_never_thrown_at()
    {
        Gen<string> piece = Of(
            "FROM", "RUN", "COPY", "ADD", "ENV", "ARG", "ONBUILD", "HEALTHCHECK", "CMD", " ", " ", " ", "\n", "\n", "\\\n", "<<E", "\nE\n", "--mount=",
            "type=", "cache", ",", "=", "$", "${", "}", ":-", "#", "%", "/", "//", "*", "?", "'", "\"", "\\", "[", "]", "\"a\"", "--", "AS", "\t", "\r\n",
            "\u00a0", "\ud83d\ude00", "\0", "x", "1", "{", "# check=", "skip=", ";");
        piece.Array[0, 60].Select(string.Concat<string>).Sample(text => ReadEverything(Encoding.UTF8.GetBytes(text)), time: 2);
    }

    [Fact]
    public void Damaged_Dockerfiles_are_read_or_refused_but_never_thrown_at()
    {
        Gen<byte[]> damaged = Gen.Select(Of(Seeds), Gen.Int[0, 400], Gen.Int[0, 12], Gen.Byte.Array[0, 6], (seed, at, cut, add) =>
        {
            byte[] bytes = Encoding.UTF8.GetBytes(seed);
            at = Math.Min(at, bytes.Length);
            byte[] result = [.. bytes[..at], .. add, .. bytes[Math.Min(bytes.Length, at + cut)..]];
            return result;
        });
        damaged.Sample(ReadEverything, time: 2);
    }

    [Fact]
    public void A_large_hostile_file_is_done_with_soon()
    {
        string[] lines =
        [
            "FROM a\n" + string.Concat(Enumerable.Repeat("RUN <<A <<B <<C\n", 20_000)),
            "FROM a\n" + string.Concat(Enumerable.Repeat("x\\\n", 500_000)),
            "FROM a\nCMD " + new string('[', 60_000),
            "FROM a\nONBUILD " + string.Concat(Enumerable.Repeat("ONBUILD ", 8_000)),
            "FROM a\n" + string.Concat(Enumerable.Repeat("BAD\n", 200_000)),
            "FROM a\n" + string.Concat(Enumerable.Repeat("#c\n", 500_000)) + "RUN x\n",
        ];
        foreach (string content in lines)
        {
            long start = System.Diagnostics.Stopwatch.GetTimestamp();
            ReadEverything(Encoding.UTF8.GetBytes(content));
            Assert.True(System.Diagnostics.Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(10), content[..40]);
        }
    }

    private static Gen<string> Of(params string[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static void ReadEverything(byte[] content)
    {
        ParseResult result = DockerfileParser.Parse(content, "Dockerfile");
        DockerfileSyntax file = result switch
        {
            ParseResult.Parsed parsed => parsed.Dockerfile,
            ParseResult.Failed failed => failed.Readable,
            _ => throw new InvalidOperationException(),
        };
        if (result is ParseResult.Failed { Errors: var errors })
        {
            Assert.NotEmpty(errors);
            Assert.All(errors, error => Assert.InRange(error.Range.StartLine, 1, Math.Max(1, file.Text.Lines.Length)));
        }

        _ = IgnoreFile.TryParse(content, ".dockerignore", out _, out _);
        _ = Linter.Run(file, new LintOptions { BaseEnvironment = _ => [] });
        foreach (Instruction instruction in file.Stages.SelectMany(stage => stage.Instructions))
        {
            foreach (string word in ExpandedWords.Of(instruction))
            {
                _ = Expansion.Expand(word, name => name + "*x", file.Directives.EscapeCharacter);
                _ = GlobPath.TryParse(word, out _, out _);
                _ = PathPatterns.TryParse([word], out _, out _);
            }

            if (instruction is RunInstruction run)
            {
                _ = run.Form;
                Assert.All(run.Mounts, mount => mount.TryResolve(name => name, out _, out _));
            }
        }
    }
}
