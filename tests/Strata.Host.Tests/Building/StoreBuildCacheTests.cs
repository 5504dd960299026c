using Strata.Build;
using Strata.Host.Building;
using Strata.Linux;
using Strata.Oci;
using Strata.Store;

namespace Strata.Host.Tests.Building;

public sealed class StoreBuildCacheTests : HostTest
{
    private static readonly Digest Key = Digest.Of("step"u8);

    private StoreBuildCache Cache => new(Host.Store.BuildCache);

    [Fact]
    public async Task A_step_with_a_layer_comes_back_as_it_was()
    {
        var image = Host.Images.Get((await ImportAsync("a")).ToString()).Image;
        var step = new CachedStep(image.Layers[0], 10_240, new FileTime(-5, 999_999_999));
        await Cache.PutAsync(new KeptStep(Key, step, "[1/2] COPY . .", new StepInputs(Key, "why"u8.ToArray())), Stop);
        Assert.Equal("why"u8.ToArray(), (await Cache.FindTraceAsync(Key, Stop))?.ToArray());
        Assert.Equal(step, await Cache.FindAsync(Key, Stop));
        Assert.Equal("[1/2] COPY . .", Assert.Single(Host.Store.BuildCache.List()).Description);
    }

    [Fact]
    public async Task A_step_that_changed_nothing_comes_back_without_a_layer()
    {
        var step = new CachedStep(null, 0, new FileTime(0, 0));
        await Cache.PutAsync(new KeptStep(Key, step, "RUN true", null), Stop);
        Assert.Equal(step, await Cache.FindAsync(Key, Stop));
    }

    [Fact]
    public async Task What_was_never_kept_is_not_there() => Assert.Null(await Cache.FindAsync(Key, Stop));

    [Fact]
    public async Task A_result_that_another_version_wrote_is_a_miss()
    {
        await Host.Store.BuildCache.PutAsync(new BuildStepRecord(Key, [], new byte[21], 0, "RUN true"), Stop);
        Assert.Null(await Cache.FindAsync(Key, Stop));
    }

    [Fact]
    public async Task A_trace_comes_back_to_the_byte()
    {
        Assert.Null(await Cache.FindTraceAsync(Key, Stop));
        await Cache.PutTraceAsync(Key, "why"u8.ToArray(), Stop);
        Assert.Equal("why"u8.ToArray(), (await Cache.FindTraceAsync(Key, Stop))?.ToArray());
    }

    [Fact]
    public async Task A_files_digest_is_known_as_long_as_nothing_of_the_file_changed()
    {
        var file = new FileIdentity(1, 2, 3, new FileTime(4, 5), new FileTime(6, 7));
        var digest = Digest.Of("content"u8);
        await Cache.PutHashesAsync([KeyValuePair.Create(file, digest)], Stop);
        FileIdentity[] asked = [file with { Inode = 9 }, file, file with { Changed = new FileTime(6, 8) }];
        Assert.Equal([null, digest, null], await Cache.FindHashesAsync(asked, Stop));
    }
}
