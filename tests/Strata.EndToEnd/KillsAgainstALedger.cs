using System.Globalization;
using System.Text.Json;

namespace Strata.EndToEnd;

/// <summary>
/// kill -9 against a ledger outside of the store: nothing acknowledged is ever lost. 30 kills in every run, 500 in the long one
/// (<c>./test.sh --long</c>), then twenty processes at once for ten seconds, or two minutes.
/// </summary>
public sealed class KillsAgainstALedger
{
    private const int Names = 6;

    private static readonly bool Long = Environment.GetEnvironmentVariable("STRATA_LONG") == "1";

    [Fact]
    public async Task Nothing_acknowledged_is_lost()
    {
        await using var place = await Workplace.OpenAsync();
        var random = Seeded();
        var ledger = new Ledger();
        var registry = await RegistryProcess.StartOwnAsync(place, "registry");
        (await place.StrataAsync("tag", Workplace.Base, $"{registry}/base:1")).Succeeded();
        (await place.StrataAsync("push", "-q", $"{registry}/base:1")).Succeeded();
        var images = (await ImagesAsync(place)).Values.ToHashSet(StringComparer.Ordinal);
        for (var round = 0; round < (Long ? 500 : 30); round++)
        {
            await KilledAsync(place, ledger, registry, random, round);
            ledger.Settle(await ImagesAsync(place), $"after round {round}");
            if (round % 10 == 9)
            {
                (await place.StrataAsync("system", "verify")).Succeeded();
            }
        }
        Assert.NotEmpty(images);
        (await place.StrataAsync("tag", Workplace.Base, "localhost/after:1")).Succeeded();
        Assert.Empty(Remains.Temporaries(place.StoreRoot));
        foreach (var name in ledger.Names)
        {
            (await place.StrataAsync("run", "--rm", name, "true")).Succeeded();
        }
    }

    [Fact]
    public async Task Twenty_processes_at_once_neither_hinder_nor_harm_one_another()
    {
        await using var place = await Workplace.OpenAsync();
        var random = Seeded();
        var registry = await RegistryProcess.StartOwnAsync(place, "registry");
        using var time = new CancellationTokenSource(Long ? TimeSpan.FromMinutes(2) : TimeSpan.FromSeconds(10));
        await Task.WhenAll(Enumerable.Range(0, 20).Select(worker => WorkAsync(place, registry, worker, new Random(random.Next()), time.Token)));
        (await place.StrataAsync("system", "verify")).Succeeded();
        (await place.StrataAsync("tag", Workplace.Base, "localhost/after:1")).Succeeded();
        Assert.Empty(Remains.Temporaries(place.StoreRoot));
        (await place.StrataAsync("run", "--rm", Workplace.Base, "true")).Succeeded();
    }

    // Each has names of its own and checks at once that what it was told is so; prune runs among them.
    private static async Task WorkAsync(Workplace place, string registry, int worker, Random random, CancellationToken time)
    {
        for (var round = 0; !time.IsCancellationRequested; round++)
        {
            var name = $"{registry}/worker-{worker}:{round}";
            var file = place.PathOf($"worker-{worker}.tar");
            (await place.StrataAsync("tag", Workplace.Base, name)).Succeeded();
            switch (random.Next(5))
            {
                case 0:
                    (await place.StrataAsync("push", "-q", name)).Succeeded();
                    (await place.StrataAsync("rmi", "-f", name)).Succeeded();
                    (await place.StrataAsync("pull", "-q", name)).Succeeded();
                    break;
                case 1:
                    (await place.StrataAsync("save", "-o", file, name)).Succeeded();
                    (await place.StrataAsync("rmi", "-f", name)).Succeeded();
                    (await place.StrataAsync("load", "-q", "-i", file)).Succeeded();
                    break;
                case 2:
                    (await place.StrataAsync("copy", "-q", $"store:{name}", $"oci-archive:{file}:x")).Succeeded();
                    break;
                case 3:
                    var context = place.Context($"worker-{worker}", ("Dockerfile", $"FROM {Workplace.Base}\nRUN echo {worker} {round} > /w\n"));
                    (await place.StrataAsync("build", "-q", "-t", name, context)).Succeeded();
                    break;
                default:
                    (await place.StrataAsync("prune", "--force")).Succeeded();
                    break;
            }
            Assert.NotEmpty((await place.StrataAsync("images", "-q", name)).Succeeded().Output.Trim());
            (await place.StrataAsync("rmi", "-f", name)).Succeeded();
        }
    }

    private static async Task KilledAsync(Workplace place, Ledger ledger, string registry, Random random, int round)
    {
        var name = $"{registry}/killed:{random.Next(Names)}";
        var other = $"{registry}/killed:{random.Next(Names)}";
        var archive = place.PathOf("killed.tar");
        switch (random.Next(8))
        {
            case 0:
                var context = place.Context($"killed-{round}", ("Dockerfile", $"FROM {Workplace.Base}\nCOPY big /big\nRUN echo {round} > /round\n"));
                await File.WriteAllBytesAsync(Path.Combine(context, "big"), RandomBytes(random, 3_000_000));
                var idFile = place.PathOf("killed.iid");
                File.Delete(idFile);
                // What a killed build would have made is known to nobody: its name may be anything it was, or a new image.
                var built = await RunAndKillAsync(place, random, "build", "-q", "--iidfile", idFile, "-t", name, context);
                var now = (await ImagesAsync(place)).GetValueOrDefault(name);
                ledger.Set(name, built ? (await File.ReadAllTextAsync(idFile)).Trim() : now, built);
                break;
            case 1:
                ledger.Set(name, await BaseAsync(place), await RunAndKillAsync(place, random, "tag", Workplace.Base, name));
                break;
            case 2 when ledger.Certain(name) is { } image:
                ledger.Set(other, image, await RunAndKillAsync(place, random, "tag", name, other));
                break;
            case 3 when ledger.Certain(name) is { } image:
                if (await RunAndKillAsync(place, random, "push", "-q", name))
                {
                    // What the registry acknowledged, it serves.
                    (await place.StrataAsync("pull", "-q", name)).Succeeded();
                    ledger.Set(name, image, acknowledged: true);
                }
                break;
            case 4 when ledger.Certain(name) is { } image:
                if (await RunAndKillAsync(place, random, "save", "-o", archive, name))
                {
                    (await place.StrataAsync("rmi", "-f", name)).Succeeded();
                    ledger.Set(name, null, acknowledged: true);
                    ledger.Set(name, image, await RunAndKillAsync(place, random, "load", "-q", "-i", archive));
                }
                break;
            case 5 when ledger.Certain(name) is { } image:
                ledger.Set(other, image, await RunAndKillAsync(place, random, "copy", "-q", $"store:{name}", $"store:{other}"));
                break;
            case 6:
                ledger.Set(name, null, await RunAndKillAsync(place, random, "rmi", "-f", name));
                break;
            default:
                await RunAndKillAsync(place, random, "prune", "--force");
                break;
        }
    }

    /// <summary>Whether the command acknowledged before it was killed.</summary>
    private static async Task<bool> RunAndKillAsync(Workplace place, Random random, params string[] arguments)
    {
        using var process = Command.Start(Workplace.Executable, arguments, place.Environment(place.StoreRoot), redirectInput: true);
        var drained = Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await Task.WhenAny(process.WaitForExitAsync(), Task.Delay(random.Next(0, 300)));
        if (!process.HasExited)
        {
            process.Kill();
        }
        await process.WaitForExitAsync();
        await drained;
        return process.ExitCode == 0;
    }

    private static async Task<string> BaseAsync(Workplace place) => (await ImagesAsync(place))[Workplace.Base];

    private static async Task<IReadOnlyDictionary<string, string>> ImagesAsync(Workplace place)
    {
        var listed = (await place.StrataAsync("images", "--format", "json", "--no-trunc")).Succeeded().Output;
        var images = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var image in JsonDocument.Parse(listed).RootElement.EnumerateArray())
        {
            images[$"{image.GetProperty("Repository").GetString()}:{image.GetProperty("Tag").GetString()}"] = image.GetProperty("ID").GetString()!;
        }
        return images;
    }

    private static Random Seeded()
    {
        var seed = Environment.GetEnvironmentVariable("STRATA_SEED") is { Length: > 0 } given ? int.Parse(given, CultureInfo.InvariantCulture) : Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed} (STRATA_SEED repeats it)");
        return new Random(seed);
    }

    private static byte[] RandomBytes(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }
}
