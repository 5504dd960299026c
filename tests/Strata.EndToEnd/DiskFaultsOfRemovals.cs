namespace Strata.EndToEnd;

/// <summary>
/// A disk that fails, or a process that is killed, while something is removed or repaired: one clear error, a store that is whole, nothing
/// gone that was to stay, and the next try succeeds.
/// </summary>
public sealed class DiskFaultsOfRemovals
{
    public static TheoryData<string> Verbs => ["rmi", "prune", "prune-cache", "prune-all", "repair"];

    [Theory]
    [MemberData(nameof(Verbs))]
    public async Task A_disk_that_fails_at_any_call_loses_nothing_that_was_to_stay(string verb)
    {
        await using var place = await Durability.OpenAsync();
        var attempt = await Removal.PrepareAsync(place, verb);
        var strikes = new Strikes();
        foreach (var strike in strikes.All())
        {
            await attempt.ResetAsync();
            var (result, hit) = await DiskFaults.InjectedAsync(place, strike.Injection, attempt.Arguments);
            strikes.Note(hit);
            await attempt.CheckAsync(result, $"{verb} with {strike}", strike.Kills);
        }
        strikes.Tell(verb, "a whole store and a try that succeeded");
    }

    /// <summary>One command, the store it begins with, and what must be true after it.</summary>
    private sealed class Removal(Workplace place, string verb, string registry)
    {
        public string[] Arguments { get; } = verb switch
        {
            "rmi" => ["rmi", $"{registry}/victim:1"],
            "prune" => ["prune", "-f"],
            "prune-cache" => ["prune", "-f", "--keep-storage", "1"],
            "prune-all" => ["prune", "-a", "-f"],
            _ => ["system", "verify", "--repair"],
        };

        private string Kept => $"{registry}/kept:1";

        private string Victim => $"{registry}/victim:1";

        private string Template => place.PathOf("template");

        public static async Task<Removal> PrepareAsync(Workplace place, string verb)
        {
            var removal = new Removal(place, verb, await RegistryProcess.StartOwnAsync(place, "registry"));
            // What was pushed is here as a tar and compressed.
            await removal.PushedAsync("kept", removal.Kept);
            var damaged = verb == "repair" ? await removal.PushedAsync("victim", removal.Victim) : [];
            switch (verb)
            {
                case "rmi":
                    await removal.PushedAsync("victim", removal.Victim);
                    break;
                case "prune":
                    await removal.PushedAsync("victim", removal.Victim);
                    (await place.StrataAsync("tag", removal.Kept, removal.Victim)).Succeeded();
                    break;
                case "prune-cache" or "prune-all":
                    var context = place.Context("context", ("Dockerfile", "FROM scratch\nCOPY a /a\nCOPY b /b\n"), ("a", "a"), ("b", "b"));
                    (await place.StrataAsync("build", "-q", "-t", "localhost/built:1", context)).Succeeded();
                    (await place.StrataAsync("rmi", "localhost/built:1")).Succeeded();
                    break;
                default:
                    // One is unpacked from the other form of its layer, one comes from the registry.
                    foreach (var file in damaged)
                    {
                        await File.WriteAllTextAsync(file, "damaged", TestContext.Current.CancellationToken);
                    }
                    break;
            }
            (await Command.RunAsync("cp", ["-a", place.StoreRoot, removal.Template])).Succeeded();
            return removal;
        }

        public async Task ResetAsync()
        {
            Directory.Delete(place.StoreRoot, recursive: true);
            (await Command.RunAsync("cp", ["-a", Template, place.StoreRoot])).Succeeded();
        }

        public async Task CheckAsync(CommandResult result, string what, bool killed)
        {
            if (result.ExitCode != 0 && !killed)
            {
                DiskFaults.AssertClear(result, what);
            }
            if (result.ExitCode == 0)
            {
                await AssertDoneAsync(what);
            }
            if (verb != "repair")
            {
                await AssertWholeAsync(what);
            }
            if (verb != "rmi" || await IsThereAsync(Victim))
            {
                (await place.StrataAsync(Arguments)).Succeeded();
            }
            await AssertDoneAsync($"the try after {what}");
            await AssertWholeAsync($"the try after {what}");
            Assert.True(!Remains.Temporaries(place.StoreRoot).Any(), $"{what} left {string.Join(", ", Remains.Temporaries(place.StoreRoot))}");
        }

        private async Task AssertDoneAsync(string what)
        {
            switch (verb)
            {
                case "rmi":
                    Assert.False(await IsThereAsync(Victim), $"{what}: the image was removed and is there");
                    break;
                case "repair":
                    await AssertWholeAsync(what);
                    break;
                default:
                    var more = (await place.StrataAsync([.. Arguments, "--dry-run", "--format", "{{.Reclaimed}}"])).Succeeded().Output.Trim();
                    Assert.True(more == "0", $"{what}: {more} bytes were not pruned");
                    break;
            }
        }

        private async Task AssertWholeAsync(string what)
        {
            var verified = await place.StrataAsync("system", "verify");
            Assert.True(verified.ExitCode == 0, $"{what}: {verified.Everything}");
            if (verb != "prune-all")
            {
                await AssertReadableAsync(Kept, what);
            }
            if (verb == "repair" || await IsThereAsync(Victim))
            {
                await AssertReadableAsync(Victim, what);
            }
        }

        private async Task AssertReadableAsync(string image, string what)
        {
            var read = await place.StrataAsync("copy", "-q", $"store:{image}", "oci-archive:/dev/null");
            Assert.True(read.ExitCode == 0, $"{what}: {image} can't be read: {read.Everything}");
        }

        private async Task<bool> IsThereAsync(string image) => (await place.StrataAsync("images", "-q", image)).Output.Trim().Length > 0;

        /// <summary>Gives the files of its tar and of its config.</summary>
        private async Task<string[]> PushedAsync(string name, string image)
        {
            var before = Blobs();
            (await place.StrataAsync("import", Tars.Make(place, name, 300_000), image)).Succeeded();
            var added = Blobs().Except(before).ToArray();
            (await place.StrataAsync("push", "-q", image)).Succeeded();
            return added;
        }

        private string[] Blobs() => Directory.GetFiles(Path.Combine(place.StoreRoot, "blobs"), "*", SearchOption.AllDirectories);
    }
}
