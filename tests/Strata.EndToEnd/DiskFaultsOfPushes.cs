using System.Globalization;

namespace Strata.EndToEnd;

/// <summary>
/// A disk that fails, or a process that is killed, on either side of a push: one clear error or success, what was acknowledged is in the
/// registry, what was there before stays, and the next push succeeds.
/// </summary>
public sealed class DiskFaultsOfPushes
{
    private int _images;

    [Fact]
    public async Task A_push_from_a_disk_that_fails_at_any_call_harms_nothing()
    {
        await using var place = await Durability.OpenAsync();
        var registry = await RegistryProcess.StartOwnAsync(place, "registry");
        (await place.StrataAsync("tag", Workplace.Base, $"{registry}/kept:1")).Succeeded();
        (await place.StrataAsync("push", "-q", $"{registry}/kept:1")).Succeeded();
        var strikes = new Strikes();
        foreach (var strike in strikes.All())
        {
            var what = $"push with {strike}";
            var image = await ImportAsync(place, registry);
            var (result, hit) = await DiskFaults.InjectedAsync(place, strike.Injection, ["push", "-q", image]);
            strikes.Note(hit);
            if (result.ExitCode == 0)
            {
                await AssertServedAsync(place, image, what);
            }
            else if (!strike.Kills)
            {
                DiskFaults.AssertClear(result, what);
            }
            (await place.StrataAsync("system", "verify")).Succeeded();
            await AssertServedAsync(place, $"{registry}/kept:1", what);
            (await place.StrataAsync("push", "-q", image)).Succeeded();
            await AssertServedAsync(place, image, what);
            Assert.True(!Remains.Temporaries(place.StoreRoot).Any(), $"{what} left temporaries in the store");
        }
        strikes.Tell("push", "a whole store, a registry that has all it acknowledged, and a push that succeeded");
    }

    [Fact]
    public async Task A_registry_on_a_disk_that_fails_at_any_call_keeps_all_it_acknowledged()
    {
        await using var place = await Durability.OpenAsync();
        var registry = await RegistryProcess.StartOwnAsync(place, "data");
        (await place.StrataAsync("tag", Workplace.Base, $"{registry}/kept:1")).Succeeded();
        (await place.StrataAsync("push", "-q", $"{registry}/kept:1")).Succeeded();
        await StopAsync(place);
        var strikes = new Strikes();
        foreach (var strike in strikes.All())
        {
            var what = $"a registry with {strike}";
            var image = "";
            var acknowledged = false;
            if (await ServeInjectedAsync(place, strike) is { } faulty)
            {
                image = await ImportAsync(place, faulty);
                var result = await place.StrataAsync("push", "-q", image);
                acknowledged = result.ExitCode == 0;
                Assert.True(acknowledged || result.Error.Contains("error:", StringComparison.Ordinal), $"{what}: {result.Everything}");
            }
            await StopAsync(place);
            strikes.Note(DiskFaults.WasHit(place.PathOf("serve-trace")));

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
        strikes.Tell("a registry pushed to", "a registry that has all it acknowledged, and a push that succeeded");
    }

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
    private static async Task<string?> ServeInjectedAsync(Workplace place, Strike strike)
    {
        var calls = strike.Fault[..strike.Fault.IndexOf(':', StringComparison.Ordinal)];
        var process = place.StartOther(
            "strace",
            null,
            ["-f", "-o", place.PathOf("serve-trace"), "-e", $"trace={calls}", "-e", $"inject={strike.Injection}", "setpriv", "--pdeathsig", "KILL", Workplace.Executable,
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
