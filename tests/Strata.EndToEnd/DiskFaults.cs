using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace Strata.EndToEnd;

/// <summary>
/// A disk that fails at one call, by strace's injection, on every path that publishes: one clear error, nothing half-written, a whole store,
/// and the next try succeeds. Every call in the long run, some of them otherwise.
/// </summary>
public sealed partial class DiskFaults
{
    private const int MostCalls = 60;
    private const string Image = "localhost/victim:1";

    // strace counts the calls of each thread: every number strikes the first thread that comes so far.
    private static readonly int[] Some = [1, 2, 4, 9, 20];

    private static readonly string[] Faults =
    [
        "fsync,fdatasync:error=EIO",
        "pwrite64:error=ENOSPC",
        "rename,renameat,renameat2:signal=KILL",
        "fsync,fdatasync:signal=KILL",
    ];

    public static TheoryData<string> Verbs => ["import", "build", "pull", "load", "tag", "save", "save-folder", "copy-store", "copy-layout", "copy-archive"];

    [Theory]
    [MemberData(nameof(Verbs))]
    public async Task A_disk_that_fails_at_any_call_leaves_all_whole_and_the_next_try_succeeds(string verb)
    {
        await using var place = await Durability.OpenAsync();
        var attempt = await Attempt.PrepareAsync(place, verb);
        var struck = 0;
        foreach (var fault in Faults)
        {
            for (var (index, done) = (0, false); !done && index < (LongRun.Is ? MostCalls : Some.Length); index++)
            {
                await attempt.ResetAsync();
                var (result, hit) = await InjectedAsync(place, $"{fault}:when={(LongRun.Is ? index + 1 : Some[index])}", attempt.Arguments);
                struck += hit ? 1 : 0;
                done = !hit;
                await CheckAsync(place, attempt, result, $"{verb} with {fault} at call {index}", killed: fault.Contains("KILL", StringComparison.Ordinal));
            }
            await attempt.ResetAsync();
            (await place.StrataAsync(attempt.Arguments)).Succeeded();
            await attempt.AssertThereAsync();
            (await place.StrataAsync("system", "verify")).Succeeded();
            Assert.Empty(Remains.Temporaries(place.Folder));
        }
        Assert.True(struck >= 4, $"only {struck} faults struck");
        Summary.Add($"- injected faults, {verb}: {struck} struck, each followed by a whole store and a try that succeeded");
    }

    private static async Task CheckAsync(Workplace place, Attempt attempt, CommandResult result, string what, bool killed)
    {
        if (result.ExitCode == 0)
        {
            await attempt.AssertThereAsync();
        }
        else if (!killed)
        {
            AssertClear(result, what);
            Assert.True(!Remains.Temporaries(attempt.Destination).Any(), $"{what} left {string.Join(", ", Remains.Temporaries(attempt.Destination))}");
        }
        await attempt.AssertWholeAsync(what);
        // The next command that writes sweeps.
        (await place.StrataAsync("tag", Workplace.Base, "localhost/after:1")).Succeeded();
        Assert.True(!Remains.Temporaries(place.StoreRoot).Any(), $"{what} left temporaries in the store");
    }

    /// <summary>What, where and why, in words of a person, in at most three lines.</summary>
    internal static void AssertClear(CommandResult result, string what)
    {
        Assert.True(result.ExitCode is not 0, $"{what}: {result.Everything}");
        var lines = result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !line.StartsWith("hint:", StringComparison.Ordinal)).ToList();
        Assert.True(lines.Count(line => line.StartsWith("error:", StringComparison.Ordinal)) == 1, $"{what}: not one error: {result.Everything}");
        Assert.True(CausePattern().IsMatch(result.Error), $"{what}: no cause: {result.Everything}");
        Assert.True(PlacePattern().IsMatch(result.Error), $"{what}: no place: {result.Everything}");
        Assert.False(RawPattern().IsMatch(result.Error), $"{what}: raw words: {result.Everything}");
    }

    internal static async Task<(CommandResult Result, bool Hit)> InjectedAsync(Workplace place, string fault, string[] arguments)
    {
        var trace = place.PathOf("fault-trace");
        var calls = fault[..fault.IndexOf(':', StringComparison.Ordinal)];
        var result = await Command.RunAsync(
            "strace", ["-f", "-o", trace, "-e", $"trace={calls}", "-e", $"inject={fault}", Workplace.Executable, .. arguments], place.Environment(place.StoreRoot));
        return (result, WasHit(trace));
    }

    internal static bool WasHit(string trace) =>
        File.ReadLines(trace).Any(line => line.Contains("(INJECTED)", StringComparison.Ordinal) || line.Contains("killed by SIGKILL", StringComparison.Ordinal));

    [GeneratedRegex("""^error:.*(disk|full|fail|read-only)""", RegexOptions.IgnoreCase | RegexOptions.Multiline)]
    private static partial Regex CausePattern();

    // A path or an address. The system's name for EIO has a slash of its own.
    [GeneratedRegex("""^error:.*(?<!Input)/\w""", RegexOptions.Multiline)]
    private static partial Regex PlacePattern();

    [GeneratedRegex("""error: (Input/output error|No space left on device|Read-only file system)|   at \w+\.|System\.|Exception""")]
    private static partial Regex RawPattern();

    /// <summary>One command, what it needs, and what must be true of where it writes.</summary>
    private sealed class Attempt(Workplace place, string verb)
    {
        private string _older = "";

        public string[] Arguments { get; private init; } = [];

        public string Destination => place.PathOf("out");

        private string Archive => place.PathOf("out", "x.tar");

        private bool IsArchive => verb is "save" or "copy-archive";

        private bool IsLayout => verb is "save-folder" or "copy-layout";

        public static async Task<Attempt> PrepareAsync(Workplace place, string verb)
        {
            Directory.CreateDirectory(place.PathOf("out"));
            var tar = Tars.Make(place, "victim", 600_000);
            (await place.StrataAsync("import", tar, Image)).Succeeded();
            (await place.StrataAsync("save", "-q", "-o", place.PathOf("victim.archive"), Image)).Succeeded();
            var context = place.Context("context", ("Dockerfile", "FROM scratch\nCOPY a /a\n"), ("a", new string('a', 500_000)));
            var arguments = verb switch
            {
                "import" => ["import", tar, Image],
                "build" => ["build", "-q", "--no-cache", "-t", Image, context],
                "pull" => ["pull", "-q", await PushedAsync(place)],
                "load" => ["load", "-q", "-i", place.PathOf("victim.archive")],
                "tag" => ["tag", Workplace.Base, Image],
                "save" => ["save", "-q", "-o", place.PathOf("out", "x.tar"), Image],
                "save-folder" => ["save", "-q", "--format", "oci-dir", "-o", place.PathOf("out", "layout"), Image],
                "copy-store" => ["copy", "-q", $"docker-archive:{place.PathOf("victim.archive")}", $"store:{Image}"],
                "copy-layout" => ["copy", "-q", $"store:{Image}", $"oci:{place.PathOf("out", "layout")}:x"],
                _ => (string[])["copy", "-q", $"store:{Image}", $"oci-archive:{place.PathOf("out", "x.tar")}:x"],
            };
            return new Attempt(place, verb) { Arguments = arguments };
        }

        /// <summary>Puts all back to what was before: the image gone from the store, an older archive where the new one is to be.</summary>
        public async Task ResetAsync()
        {
            if (IsArchive)
            {
                (await place.StrataAsync("save", "-q", "-o", Archive, Workplace.Base)).Succeeded();
                _older = Hash(Archive);
            }
            else if (IsLayout)
            {
                if (Directory.Exists(place.PathOf("out", "layout")))
                {
                    Directory.Delete(place.PathOf("out", "layout"), recursive: true);
                }
            }
            else
            {
                await place.StrataAsync("rmi", "-f", Arguments[0] == "pull" ? Arguments[^1] : Image);
            }
        }

        public async Task AssertThereAsync()
        {
            if (IsArchive)
            {
                Assert.NotEqual(_older, Hash(Archive));
            }
            else if (IsLayout)
            {
                Assert.True(Directory.Exists(place.PathOf("out", "layout")), "the layout is not there");
            }
            else
            {
                var name = Arguments[0] == "pull" ? Arguments[^1] : Image;
                Assert.True((await place.StrataAsync("images", "-q", name)).Succeeded().Output.Trim().Length > 0, $"{name} was acknowledged and is not there");
            }
            await AssertWholeAsync("acknowledged");
        }

        /// <summary>Whatever is at the destination can be read to its end.</summary>
        public async Task AssertWholeAsync(string what)
        {
            if (IsArchive && Hash(Archive) != _older)
            {
                var format = verb == "save" ? "docker-archive" : "oci-archive";
                var read = await place.StrataAsync("copy", "-q", $"{format}:{Archive}", "oci-archive:/dev/null");
                Assert.True(read.ExitCode == 0, $"{what}: the archive is half-written: {read.Everything}");
            }
            if (IsLayout && Directory.Exists(place.PathOf("out", "layout")))
            {
                var read = await place.StrataAsync("copy", "-q", $"oci:{place.PathOf("out", "layout")}", "oci-archive:/dev/null");
                Assert.True(read.ExitCode == 0, $"{what}: the layout is half-written: {read.Everything}");
            }
            (await place.StrataAsync("system", "verify")).Succeeded();
        }

        private static async Task<string> PushedAsync(Workplace place)
        {
            var registry = await RegistryProcess.StartOwnAsync(place, "registry");
            (await place.StrataAsync("tag", Image, $"{registry}/victim:1")).Succeeded();
            (await place.StrataAsync("push", "-q", $"{registry}/victim:1")).Succeeded();
            // No other name may keep its layers here.
            (await place.StrataAsync("rmi", "-f", Image)).Succeeded();
            return $"{registry}/victim:1";
        }

        private static string Hash(string file) => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file)));
    }
}
