using System.Diagnostics;
using System.Globalization;

namespace Strata.EndToEnd;

/// <summary>kill -9 of a registry while images are pushed to it: started again, it serves every byte of what it acknowledged.</summary>
public sealed class KillsOfTheRegistry
{
    private const int Pushers = 4;
    private const int BytesOfAnImage = 4_000_000;

    [Fact]
    public async Task A_registry_that_was_killed_serves_all_that_it_acknowledged()
    {
        await using var place = await Workplace.OpenAsync();
        var seed = LongRun.Seed();
        var random = new Random(seed);
        var rounds = LongRun.Is ? 50 : 5;
        (await place.StrataAsync("import", Tars.Make(place, "pushed", BytesOfAnImage), "localhost/pushed:1")).Succeeded();
        var served = new ServedImages();
        var interrupted = 0;
        for (var round = 0; round < rounds; round++)
        {
            var server = place.Start("registry", "serve", "--data", place.PathOf("data"), "--listen", "127.0.0.1:0");
            var registry = await RegistryProcess.AddressOfAsync(server);
            var pushes = Enumerable.Range(0, Pushers).Select(pusher => PushAsync(place, registry, $"app-{round}-{pusher}", server)).ToList();
            await Task.Delay(random.Next(50, 500));
            server.Kill();
            await server.WaitForExitAsync();
            foreach (var pushed in await Task.WhenAll(pushes))
            {
                foreach (var (name, digest) in pushed)
                {
                    served.Acknowledge(name, digest);
                }
                interrupted++;
            }
        }
        var again = await RegistryProcess.StartOwnAsync(place, "data");
        await served.AssertServedAsync(again);
        (await place.StrataAsync("copy", "-q", "store:localhost/pushed:1", $"docker://{again}/after:1")).Succeeded();
        Assert.True(served.Count > 0, "no push came to its end");
        Summary.Add(string.Create(
            CultureInfo.InvariantCulture,
            $"- kill -9 of the registry: {rounds} times while {Pushers} pushed, seed {seed}; {interrupted} pushes cut off, {served.Count} acknowledged, all served to the byte after a restart"));
    }

    /// <summary>Pushes under ever new names until the registry is gone; gives what was acknowledged.</summary>
    private static async Task<IReadOnlyList<(string Name, string Digest)>> PushAsync(Workplace place, string registry, string repository, Process server)
    {
        var acknowledged = new List<(string, string)>();
        while (true)
        {
            var name = $"{repository}:{acknowledged.Count}";
            using var push = Command.Start(
                Workplace.Executable, ["copy", "-q", "store:localhost/pushed:1", $"docker://{registry}/{repository}-{acknowledged.Count}:1"], place.Environment(place.StoreRoot));
            var output = push.StandardOutput.ReadToEndAsync();
            var drained = push.StandardError.ReadToEndAsync();
            await Task.WhenAny(push.WaitForExitAsync(), server.WaitForExitAsync());
            if (!push.HasExited)
            {
                // It would try again for a while.
                push.Kill();
            }
            await push.WaitForExitAsync();
            await drained;
            if (push.ExitCode != 0)
            {
                Assert.True(server.HasExited || push.ExitCode == 137, $"{name}: a push failed while the registry was there: {await drained}");
                return acknowledged;
            }
            acknowledged.Add(($"{repository}-{acknowledged.Count}:1", (await output).Trim()));
        }
    }
}
