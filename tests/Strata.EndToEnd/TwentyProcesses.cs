using System.Collections.Concurrent;
using System.Globalization;

namespace Strata.EndToEnd;

/// <summary>Twenty processes at once on one store: for ten seconds, or two minutes in the long run.</summary>
public sealed class TwentyProcesses
{
    private const int Count = 20;

    private readonly ConcurrentDictionary<string, int> _done = new(StringComparer.Ordinal);

    [Fact]
    public async Task Twenty_processes_at_once_neither_hinder_nor_harm_one_another()
    {
        await using var place = await Workplace.OpenAsync();
        var seed = LongRun.Seed();
        var random = new Random(seed);
        var registry = await RegistryProcess.StartOwnAsync(place, "registry");
        var length = LongRun.Is ? TimeSpan.FromMinutes(2) : TimeSpan.FromSeconds(10);
        using var time = new CancellationTokenSource(length);
        await Task.WhenAll(Enumerable.Range(0, Count).Select(worker => WorkAsync(place, registry, worker, new Random(random.Next()), time.Token)));
        (await place.StrataAsync("system", "verify")).Succeeded();
        (await place.StrataAsync("tag", Workplace.Base, "localhost/after:1")).Succeeded();
        Assert.Empty(Remains.Temporaries(place.StoreRoot));
        (await place.StrataAsync("run", "--rm", Workplace.Base, "true")).Succeeded();
        var verbs = string.Join(", ", _done.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key} {pair.Value}"));
        Summary.Add(string.Create(
            CultureInfo.InvariantCulture, $"- {Count} processes at once for {length.TotalSeconds:F0} s, seed {seed}: {_done.Values.Sum()} commands ({verbs}), all as they should be; `system verify` clean"));
    }

    // Each has names of its own and checks at once that what it was told is so; prune runs among them.
    private async Task WorkAsync(Workplace place, string registry, int worker, Random random, CancellationToken time)
    {
        for (var round = 0; !time.IsCancellationRequested; round++)
        {
            var name = $"{registry}/worker-{worker}:{round}";
            var file = place.PathOf($"worker-{worker}.tar");
            await DoAsync("tag", Workplace.Base, name);
            switch (random.Next(5))
            {
                case 0:
                    await DoAsync("push", "-q", name);
                    await DoAsync("rmi", "-f", name);
                    await DoAsync("pull", "-q", name);
                    break;
                case 1:
                    await DoAsync("save", "-o", file, name);
                    await DoAsync("rmi", "-f", name);
                    await DoAsync("load", "-q", "-i", file);
                    break;
                case 2:
                    await DoAsync("copy", "-q", $"store:{name}", $"oci-archive:{file}:x");
                    break;
                case 3:
                    var context = place.Context($"worker-{worker}", ("Dockerfile", $"FROM {Workplace.Base}\nRUN echo {worker} {round} > /w\n"));
                    await DoAsync("build", "-q", "-t", name, context);
                    break;
                default:
                    await DoAsync("prune", "--force");
                    break;
            }
            Assert.NotEmpty((await DoAsync("images", "-q", name)).Output.Trim());
            await DoAsync("rmi", "-f", name);
        }

        async Task<CommandResult> DoAsync(params string[] arguments)
        {
            var result = (await place.StrataAsync(arguments)).Succeeded();
            _done.AddOrUpdate(arguments[0], 1, (_, count) => count + 1);
            return result;
        }
    }
}
