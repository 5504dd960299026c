using System.Diagnostics;
using System.Globalization;

namespace Strata.EndToEnd;

/// <summary>
/// kill -9 against a ledger outside of the store: nothing acknowledged is ever lost. 30 kills in every run, 500 in the long one
/// (<c>./test.sh --long</c>), each inside a command that was at work.
/// </summary>
public sealed class KillsAgainstALedger
{
    private const int Victims = 4;
    private const int Names = 6;
    private const int BytesOfAVictim = 3_000_000;

    private static readonly string[] Verbs =
        ["pull", "push", "load", "save", "tag", "prune", "copy to store", "copy to layout", "copy to archive", "build", "rmi", "rollback"];

    private readonly Ledger _ledger = new();
    private readonly ServedImages _served = new();

    [Fact]
    public async Task Nothing_acknowledged_is_lost()
    {
        var wanted = Environment.GetEnvironmentVariable("STRATA_KILLS") is { Length: > 0 } given ? int.Parse(given, CultureInfo.InvariantCulture) : LongRun.Is ? 500 : 30;
        await using var place = await Workplace.OpenAsync();
        var seed = LongRun.Seed();
        var random = new Random(seed);
        var begun = Stopwatch.GetTimestamp();
        var registry = await RegistryProcess.StartOwnAsync(place, "registry");
        var images = await MakeVictimsAsync(place, registry, random);
        var killing = new KilledCommands(place, random);
        var (rounds, verified) = (0, 0);
        for (string[] turn = []; killing.Kills < wanted && rounds < wanted * 8; rounds++)
        {
            if (rounds % Verbs.Length == 0)
            {
                turn = [.. Verbs];
                random.Shuffle(turn);
            }
            var round = new Round(place, killing, registry, images, _ledger, _served) { Number = rounds, Random = random };
            await round.RunAsync(turn[rounds % Verbs.Length]);
            _ledger.Settle(await StoredNames.ReadAsync(place), $"after round {rounds}, {turn[rounds % Verbs.Length]}");
            if (rounds % 10 == 9)
            {
                (await place.StrataAsync("system", "verify")).Succeeded();
                verified++;
            }
        }
        await AfterwardsAsync(place, registry);
        Summary.Add(string.Create(
            CultureInfo.InvariantCulture,
            $"- kill -9 against the ledger: {killing.Kills} kills in {rounds} commands, seed {seed}, {Stopwatch.GetElapsedTime(begun).TotalSeconds:F0} s; ")
            + $"`system verify` clean {verified + 1} times; {_ledger.Names.Count()} names and {_served.Count} acknowledged pushes are there");
        Summary.Add("");
        foreach (var row in killing.Table)
        {
            Summary.Add(row);
        }
        Summary.Add("");
        Assert.True(killing.Kills >= wanted, $"only {killing.Kills} of {rounds} commands were killed inside");
    }

    private async Task AfterwardsAsync(Workplace place, string registry)
    {
        (await place.StrataAsync("system", "verify")).Succeeded();
        await _served.AssertServedAsync(registry);
        // The next one that writes sweeps: in the store, and where archives and layouts lie.
        (await place.StrataAsync("tag", Workplace.Base, "localhost/after:1")).Succeeded();
        (await place.StrataAsync("save", "-q", "-o", place.PathOf("after.tar"), Workplace.Base)).Succeeded();
        Assert.Empty(Remains.Temporaries(place.StoreRoot));
        Assert.DoesNotContain(Remains.Temporaries(place.Folder), path => Path.GetDirectoryName(path) == place.Folder && !IsEmpty(path));
        foreach (var name in _ledger.Names)
        {
            (await place.StrataAsync("run", "--rm", name, "true")).Succeeded();
        }
    }

    // Killed between making it and locking it: nobody can know whose it is.
    private static bool IsEmpty(string path) => File.Exists(path) ? new FileInfo(path).Length == 0 : !Directory.EnumerateFileSystemEntries(path).Any();

    private async Task<string[]> MakeVictimsAsync(Workplace place, string registry, Random random)
    {
        var images = new string[Victims];
        for (var victim = 0; victim < Victims; victim++)
        {
            var name = Round.NameOf(registry, victim);
            var context = place.Context($"victim-{victim}", ("Dockerfile", $"FROM {Workplace.Base}\nCOPY big /big\n"));
            var bytes = new byte[BytesOfAVictim];
            random.NextBytes(bytes);
            await File.WriteAllBytesAsync(Path.Combine(context, "big"), bytes);
            images[victim] = (await place.StrataAsync("build", "-q", "-t", name, context)).Succeeded().LastLine;
            (await place.StrataAsync("push", "-q", name)).Succeeded();
            (await place.StrataAsync("save", "-q", "-o", Round.ArchiveOf(place, victim), name)).Succeeded();
            _ledger.Set(name, images[victim], acknowledged: true);
        }
        for (var number = 0; number < Names; number++)
        {
            (await place.StrataAsync("tag", images[0], $"{registry}/killed:{number}")).Succeeded();
            _ledger.Set($"{registry}/killed:{number}", images[0], acknowledged: true);
        }
        foreach (var victim in new[] { 0, 1 })
        {
            (await place.StrataAsync("copy", "-q", $"store:{Round.NameOf(registry, victim)}", $"docker://{registry}/rolled:1")).Succeeded();
        }
        (await place.StrataAsync("copy", "-q", $"store:{Workplace.Base}", $"oci:{place.PathOf("layout")}:base")).Succeeded();
        return images;
    }

    /// <summary>One command that is killed, what it needs before, and what must be true after.</summary>
    private sealed class Round(Workplace place, KilledCommands killing, string registry, string[] images, Ledger ledger, ServedImages served)
    {
        private int _victim;

        public required int Number { get; init; }

        public required Random Random { get; init; }

        private string Name => NameOf(registry, _victim);

        private string Image => images[_victim];

        private string Other => $"{registry}/killed:{Random.Next(Names)}";

        public static string NameOf(string registry, int victim) => $"{registry}/victim-{victim}:1";

        public static string ArchiveOf(Workplace place, int victim) => place.PathOf($"victim-{victim}.tar");

        public async Task RunAsync(string verb)
        {
            _victim = Random.Next(Victims);
            switch (verb)
            {
                case "pull":
                    await ForgetAsync();
                    ledger.Set(Name, Image, await killing.RunAsync(verb, "pull", "-q", Name) is not null);
                    break;
                case "load":
                    await ForgetAsync();
                    ledger.Set(Name, Image, await killing.RunAsync(verb, "load", "-q", "-i", ArchiveOf(place, _victim)) is not null);
                    break;
                case "push":
                    await HaveAsync();
                    await PushAsync(verb);
                    break;
                case "tag":
                    await HaveAsync();
                    await MoveAsync(Other, other => killing.RunAsync(verb, "tag", Name, other));
                    break;
                case "copy to store":
                    await HaveAsync();
                    await MoveAsync(Other, other => killing.RunAsync(verb, "copy", "-q", $"store:{Name}", $"store:{other}"));
                    break;
                case "save" or "copy to archive":
                    await HaveAsync();
                    await WriteArchiveAsync(verb);
                    break;
                case "copy to layout":
                    await HaveAsync();
                    await WriteLayoutAsync(verb);
                    break;
                case "build":
                    await BuildAsync(verb, Other);
                    break;
                case "rmi":
                    await RemoveAsync(verb, Other);
                    break;
                case "rollback":
                    await RollBackAsync(verb);
                    break;
                default:
                    await killing.RunAsync(verb, "prune", "--force");
                    break;
            }
        }

        /// <summary>The image leaves the store with all its names, so that its layers have to come anew.</summary>
        private async Task ForgetAsync()
        {
            var names = ledger.Names.Where(name => ledger.Certain(name) == Image).ToList();
            if (names.Count > 0)
            {
                (await place.StrataAsync("rmi", "-f", Image)).Succeeded();
            }
            names.ForEach(name => ledger.Set(name, null, acknowledged: true));
        }

        private async Task HaveAsync()
        {
            if (ledger.Certain(Name) != Image)
            {
                (await place.StrataAsync("pull", "-q", Name)).Succeeded();
                ledger.Set(Name, Image, acknowledged: true);
            }
        }

        private async Task MoveAsync(string other, Func<string, Task<string?>> move) => ledger.Set(other, Image, await move(other) is not null);

        // Every time to another repository: what is there already is not sent again.
        private async Task PushAsync(string verb)
        {
            var repository = $"pushed-{Number}:1";
            (await place.StrataAsync("tag", Name, $"{registry}/{repository}")).Succeeded();
            if (await killing.RunAsync(verb, "push", "-q", $"{registry}/{repository}") is { } digest)
            {
                served.Acknowledge(repository, digest);
            }
            (await place.StrataAsync("rmi", $"{registry}/{repository}")).Succeeded();
        }

        private async Task WriteArchiveAsync(string verb)
        {
            var archive = place.PathOf($"{verb}.tar");
            var isNew = !File.Exists(archive);
            var done = await (verb == "save"
                ? killing.RunAsync(verb, "save", "-q", "-o", archive, Name)
                : killing.RunAsync(verb, "copy", "-q", $"store:{Name}", $"oci-archive:{archive}:{Name}")) is not null;
            // The older one or the new one, to its last byte.
            if (done || !isNew)
            {
                var form = verb == "save" ? "docker-archive" : "oci-archive";
                (await place.StrataAsync("copy", "-q", done ? $"{form}:{archive}:{Name}" : $"{form}:{archive}", "oci-archive:/dev/null")).Succeeded();
            }
        }

        // In turn to a new folder, and to one with other images.
        private async Task WriteLayoutAsync(string verb)
        {
            var folder = Random.Next(2) == 0 ? place.PathOf("layout") : place.PathOf($"layout-{Number}");
            var isOld = Directory.Exists(folder);
            var done = await killing.RunAsync(verb, "copy", "-q", $"store:{Name}", $"oci:{folder}:v{_victim}") is not null;
            Assert.True(!done || Directory.Exists(folder), $"{folder} was acknowledged and is not there");
            if (isOld)
            {
                (await place.StrataAsync("copy", "-q", $"oci:{folder}:base", "oci-archive:/dev/null")).Succeeded();
            }
            if (done || (!isOld && Directory.Exists(folder)))
            {
                (await place.StrataAsync("copy", "-q", $"oci:{folder}:v{_victim}", "oci-archive:/dev/null")).Succeeded();
            }
            if (!isOld && Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }

        private async Task BuildAsync(string verb, string name)
        {
            var context = place.Context("killed", ("Dockerfile", $"FROM {Workplace.Base}\nCOPY big /big\nRUN echo {Number} > /round\n"));
            var bytes = new byte[BytesOfAVictim];
            Random.NextBytes(bytes);
            await File.WriteAllBytesAsync(Path.Combine(context, "big"), bytes);
            // What a killed build would have made is known to nobody: its name may be anything it was, or a new image.
            var built = await killing.RunAsync(verb, "build", "-q", "-t", name, context);
            ledger.Set(name, built ?? (await StoredNames.ReadAsync(place)).GetValueOrDefault(name), built is not null);
        }

        private async Task RemoveAsync(string verb, string name)
        {
            if (ledger.Certain(name) is null)
            {
                (await place.StrataAsync("tag", Workplace.Base, name)).Succeeded();
                ledger.Set(name, (await StoredNames.ReadAsync(place))[name], acknowledged: true);
            }
            ledger.Set(name, null, await killing.RunAsync(verb, "rmi", "-f", name) is not null);
        }

        private async Task RollBackAsync(string verb)
        {
            // Another image first, so that there is something to go back to.
            var earlier = await ServedImages.DigestAsync(registry, "rolled", "1");
            while (await ServedImages.DigestAsync(registry, $"victim-{_victim}", "1") == earlier)
            {
                _victim = (_victim + 1) % Victims;
            }
            (await place.StrataAsync("copy", "-q", $"docker://{Name}", $"docker://{registry}/rolled:1")).Succeeded();
            var before = await ServedImages.DigestAsync(registry, "rolled", "1");
            var done = await killing.RunAsync(verb, "tags", "rollback", $"{registry}/rolled:1") is not null;
            var after = await ServedImages.DigestAsync(registry, "rolled", "1");
            Assert.True(after == earlier || (after == before && !done), $"a roll-back from {before} to {earlier} left {after}; acknowledged: {done}");
        }
    }
}
