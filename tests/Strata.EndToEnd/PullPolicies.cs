namespace Strata.EndToEnd;

/// <summary>When a name is resolved at its registry anew, and when what is here is used: as docker does.</summary>
public sealed class PullPolicies
{
    [Fact]
    public async Task Run_asks_the_registry_when_it_is_told_to_and_else_only_for_what_is_not_here()
    {
        await using var place = await Workplace.OpenAsync();
        var registry = await RegistryProcess.StartOwnAsync(place, "registry");
        var name = $"{registry}/app:1";
        await PushAsync(place, name, "first");
        var other = place.PathOf("other");
        var never = (await place.StrataInAsync(other, "run", "--rm", "--pull", "never", name)).FailedSaying(name, "strata pull");
        Assert.Equal(125, never.ExitCode);
        Assert.Equal("first\n", await RunAsync(place, other, name));
        await PushAsync(place, name, "second");
        Assert.Equal("first\n", await RunAsync(place, other, name));
        Assert.Equal("first\n", await RunAsync(place, other, "--pull", "missing", name));
        Assert.Equal("first\n", await RunAsync(place, other, "--pull", "never", name));
        Assert.Equal("second\n", await RunAsync(place, other, "--pull", "always", name));
        Assert.Equal("second\n", await RunAsync(place, other, "--pull", "never", name));
        // What was pulled under the name before is still there, without it.
        Assert.Equal(2, (await place.StrataInAsync(other, "images", "-a", "-q")).Succeeded().Output.Count(letter => letter == '\n'));

        await place.StopAllAsync();
        var gone = (await place.StrataInAsync(other, "run", "--rm", "--pull", "always", name)).FailedSaying(registry, "refused");
        Assert.Equal(125, gone.ExitCode);
        Assert.Equal("second\n", await RunAsync(place, other, name));
        (await place.StrataInAsync(other, "run", "--rm", "--pull", "sometimes", name)).FailedSaying("sometimes");
    }

    [Fact]
    public async Task Build_takes_the_base_that_is_here_and_with_pull_the_registrys()
    {
        await using var place = await Workplace.OpenAsync();
        var registry = await RegistryProcess.StartOwnAsync(place, "registry");
        var name = $"{registry}/base:1";
        await PushAsync(place, name, "first");
        var other = place.PathOf("other");
        var context = place.Context("on-top", ("Dockerfile", $"FROM {name}\nRUN cp /word /copy\nCMD [\"cat\", \"/copy\"]\n"));
        (await place.StrataInAsync(other, "build", "-t", "top", context)).Succeeded();
        await PushAsync(place, name, "second");
        (await place.StrataInAsync(other, "build", "-t", "top", context)).Succeeded();
        Assert.Equal("first\n", await RunAsync(place, other, "top"));
        (await place.StrataInAsync(other, "build", "--pull", "-t", "top", context)).Succeeded();
        Assert.Equal("second\n", await RunAsync(place, other, "top"));

        await place.StopAllAsync();
        (await place.StrataInAsync(other, "build", "-t", "top", context)).Succeeded();
        (await place.StrataInAsync(other, "build", "--pull", "-t", "top", context)).FailedSaying(registry, "refused");
    }

    private static async Task PushAsync(Workplace place, string name, string word)
    {
        var context = place.Context("app", ("Dockerfile", $"FROM {Workplace.Base}\nCOPY word /\nCMD [\"cat\", \"/word\"]\n"), ("word", word + "\n"));
        (await place.StrataAsync("build", "-q", "-t", name, context)).Succeeded();
        (await place.StrataAsync("push", "-q", name)).Succeeded();
    }

    private static async Task<string> RunAsync(Workplace place, string root, params string[] arguments) =>
        (await place.StrataInAsync(root, ["run", "--rm", "-q", .. arguments])).Succeeded().Output;
}
