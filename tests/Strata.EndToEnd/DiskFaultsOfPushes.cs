using System.Globalization;

namespace Strata.EndToEnd;

/// <summary>
/// A disk that fails, or a process that is killed, on either side of a push: one clear error or success, what was acknowledged is in the
/// registry, what was there before stays, and the next push succeeds.
/// </summary>
public sealed class DiskFaultsOfPushes
{
    private const int MostCalls = 60;

    private static readonly (string Fault, int[] Some)[] Faults =
    [
        ("fsync,fdatasync:error=EIO", [1]),
        ("pwrite64:error=ENOSPC", [9]),
        ("pwrite64:error=EIO", [1]),
        ("unlink,unlinkat:error=EIO", [1]),
        ("unlink,unlinkat:signal=KILL", [1]),
        ("fsync,fdatasync:signal=KILL", [1, 2]),
        ("rename,renameat,renameat2:signal=KILL", [1]),
    ];

    private int _images;

    [Fact]
    public async Task A_push_from_a_disk_that_fails_at_any_call_harms_nothing()
    {
        await using var place = await Durability.OpenAsync();
        var registry = await RegistryProcess.StartOwnAsync(place, "registry");
        (await place.StrataAsync("tag", Workplace.Base, $"{registry}/kept:1")).Succeeded();
        (await place.StrataAsync("push", "-q", $"{registry}/kept:1")).Succeeded();
        var struck = 0;
        var spent = new HashSet<string>();
        foreach (var (fault, number) in Strikes().Where(strike => !spent.Contains(strike.Fault)))
        {
            var what = $"push with {fault} at call {number}";
            var image = await ImportAsync(place, registry);
            var (result, hit) = await DiskFaults.InjectedAsync(place, $"{fault}:when={number}", ["push", "-q", image]);
            struck += Note(spent, fault, hit);
            if (result.ExitCode == 0)
            {
                await AssertServedAsync(place, image, what);
            }
            else if (!fault.Contains("KILL", StringComparison.Ordinal))
            {
                DiskFaults.AssertClear(result, what);
            }
            (await place.StrataAsync("system", "verify")).Succeeded();
            await AssertServedAsync(place, $"{registry}/kept:1", what);
            (await place.StrataAsync("push", "-q", image)).Succeeded();
            await AssertServedAsync(place, image, what);
            Assert.True(!Remains.Temporaries(place.StoreRoot).Any(), $"{what} left temporaries in the store");
        }
        Assert.True(struck >= 4, $"only {struck} faults struck");
        Summary.Add($"- injected faults, push: {struck} struck, each followed by a whole store, a registry that has all it acknowledged, and a push that succeeded");
    }

    [Fact]
    public async Task A_registry_on_a_disk_that_fails_at_any_call_keeps_all_it_acknowledged()
    {
        await using var place = await Durability.OpenAsync();
        var registry = await RegistryProcess.StartOwnAsync(place, "data");
        (await place.StrataAsync("tag", Workplace.Base, $"{registry}/kept:1")).Succeeded();
        (await place.StrataAsync("push", "-q", $"{registry}/kept:1")).Succeeded();
        await StopAsync(place);
        var struck = 0;
        var spent = new HashSet<string>();
        foreach (var (fault, number) in Strikes().Where(strike => !spent.Contains(strike.Fault)))
        {
            var what = $"a registry with {fault} at call {number}";
            var image = "";
            var acknowledged = false;
            if (await ServeInjectedAsync(place, $"{fault}:when={number}") is { } faulty)
            {
                image = await ImportAsync(place, faulty);
                var result = await place.StrataAsync("push", "-q", image);
                acknowledged = result.ExitCode == 0;
                Assert.True(acknowledged || result.Error.Contains("error:", StringComparison.Ordinal), $"{what}: {result.Everything}");
            }
            await StopAsync(place);
            struck += Note(spent, fault, DiskFaults.WasHit(place.PathOf("serve-trace")));

            var sound = await RegistryProcess.StartOwnAsync(place, "data");
            await AssertServedAsync(place, $"{sound}/kept:1", what);
            if (image.Length > 0)
            {
                var there = sound + image[image.IndexOf('/', StringComparison.Ordinal)..];
                if (acknowledged)
                {
                    await AssertServedAsync(place, there, what);
                }
                (await place.StrataAsync("tag", image, there)).Succeeded();
                (await place.StrataAsync("push", "-q", there)).Succeeded();
                await AssertServedAsync(place, there, what);
            }
            await StopAsync(place);
        }
        Assert.True(struck >= 4, $"only {struck} faults struck");
        Summary.Add($"- injected faults, a registry pushed to: {struck} struck, each followed by a registry that has all it acknowledged, and a push that succeeded");
    }

    /// <summary>1 for a strike; a fault that found no call of its number finds none of a higher one.</summary>
    private static int Note(HashSet<string> spent, string fault, bool hit)
    {
        if (!hit && LongRun.Is)
        {
            spent.Add(fault);
        }
        return hit ? 1 : 0;
    }

    /// <summary>In the long run each call by its number.</summary>
    private static IEnumerable<(string Fault, int Number)> Strikes() => Faults.SelectMany(
        fault => LongRun.Is ? Enumerable.Range(1, MostCalls) : fault.Some, (fault, number) => (fault.Fault, number));

    /// <summary>A new image each time, of which the registry has nothing.</summary>
    private async Task<string> ImportAsync(Workplace place, string registry)
    {
        _images++;
        var image = string.Create(CultureInfo.InvariantCulture, $"{registry}/victim{_images}:1");
        (await place.StrataAsync("import", Tars.Make(place, "victim", 100_000 + _images), image)).Succeeded();
        return image;
    }

    /// <summary>Every byte is read, and verified on the way.</summary>
    private static async Task AssertServedAsync(Workplace place, string image, string what)
    {
        var read = await place.StrataAsync("copy", "-q", $"docker://{image}", "oci-archive:/dev/null");
        Assert.True(read.ExitCode == 0, $"{what}: {image} is not in the registry: {read.Everything}");
    }

    /// <summary>Null where the fault struck before it listened.</summary>
    private static async Task<string?> ServeInjectedAsync(Workplace place, string fault)
    {
        var calls = fault[..fault.IndexOf(':', StringComparison.Ordinal)];
        var process = place.StartOther(
            "strace",
            null,
            ["-f", "-o", place.PathOf("serve-trace"), "-e", $"trace={calls}", "-e", $"inject={fault}", "setpriv", "--pdeathsig", "KILL", Workplace.Executable,
                "registry", "serve", "--data", place.PathOf("data"), "--listen", "127.0.0.1:0"]);
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.IndexOf("://", StringComparison.Ordinal) is >= 0 and var at)
            {
                return line[(at + "://".Length)..].Trim().TrimEnd('/');
            }
        }
        return null;
    }

    /// <summary>What strace ran ends a moment after it.</summary>
    private static async Task StopAsync(Workplace place)
    {
        await place.StopAllAsync();
        await Remains.AssertNoneAsync(place, place.PathOf("data"));
    }
}
