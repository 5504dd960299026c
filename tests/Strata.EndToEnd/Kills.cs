namespace Strata.EndToEnd;

/// <summary>kill -9 at random instants: nothing acknowledged is lost, nothing half-written is seen, nothing keeps running.</summary>
public sealed class Kills
{
    private const int Rounds = 50;
    private const string Mark = "31415926";

    [Fact]
    public async Task Fifty_kills_over_build_pull_push_and_prune_leave_a_whole_store()
    {
        await using var place = await Workplace.OpenAsync();
        var random = new Random(LongRun.Seed());
        var registry = await RegistryProcess.StartOwnAsync(place, "registry");
        (await place.StrataAsync("tag", Workplace.Base, $"{registry}/base:1")).Succeeded();
        (await place.StrataAsync("push", $"{registry}/base:1")).Succeeded();
        // prune --all takes every image that no container uses; the base is to stay.
        (await place.StrataAsync("run", "-d", "--name", "keeper", Workplace.Base, "sleep", "86400")).Succeeded();
        for (var round = 0; round < Rounds; round++)
        {
            var arguments = (round % 4) switch
            {
                0 => Build(place, round, registry),
                1 => ["pull", "-q", $"{registry}/base:1"],
                2 => Push(registry, round),
                _ => ["prune", "--all", "--force"],
            };
            if (round % 4 is 1)
            {
                // What is there already isn't pulled again.
                await place.StrataAsync("rmi", "-f", $"{registry}/base:1");
            }
            var process = place.Start(arguments);
            var drain = Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            await Task.Delay(random.Next(0, 400));
            if (!process.HasExited)
            {
                process.Kill();
            }
            await process.WaitForExitAsync();
            await drain;
        }
        (await place.StrataAsync("images")).Succeeded();
        var verified = (await place.StrataAsync("system", "verify")).Succeeded();
        Assert.DoesNotContain("sha256:", verified.Error, StringComparison.Ordinal);
        // The next command that writes sweeps what the killed ones left.
        (await place.StrataAsync("tag", Workplace.Base, "localhost/after:1")).Succeeded();
        Assert.Empty(Remains.Temporaries(place.StoreRoot));
        await Remains.AssertNoneAsync(place, Mark);
        (await place.StrataAsync("run", "--rm", Workplace.Base, "true")).Succeeded();
    }

    private static string[] Build(Workplace place, int round, string registry)
    {
        // Every second one never comes to its end by itself: a step that outlives its build would be found.
        var seconds = round % 8 == 4 ? "3600." : "0.0";
        var context = place.Context($"kill-{round}", ("Dockerfile", $"""
            FROM {Workplace.Base}
            COPY data.bin /data.bin
            RUN cat /data.bin /data.bin > /twice && sleep {seconds}{Mark}
            RUN echo {round} > /round
            """));
        File.WriteAllBytes(Path.Combine(context, "data.bin"), new byte[4 * 1024 * 1024]);
        return ["build", "-q", "-t", $"{registry}/kill:{round}", context];
    }

    // The image of the build before it, where that came to an end.
    private static string[] Push(string registry, int round) => ["push", "-q", $"{registry}/kill:{round - 2}"];
}
