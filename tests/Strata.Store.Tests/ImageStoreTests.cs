using Strata.Content.Media;
using Strata.Oci;

namespace Strata.Store.Tests;

public sealed class ImageStoreTests : StoreTest
{
    private static ContainerRecord Container(Digest image, string name = "quiet_heron", string id = "c0ffee") => new()
    {
        Id = id.PadRight(64, '0'),
        Name = name,
        Image = image,
        Created = DateTimeOffset.UnixEpoch,
        Config = "{}"u8.ToArray(),
    };

    [Fact]
    public async Task A_list_has_names_sizes_and_the_latest_first()
    {
        await AddImage(Store, "1", "b/one:v1");
        var two = await AddImage(Store, "2", "two");
        Store.Names.Move(Name("a/two:v2"), two, null);
        var list = Store.Images.List();
        Assert.Equal(2, list.Count);
        var summary = list.Single(image => image.Id == two);
        Assert.Equal(["a/two:v2", "two:latest"], summary.Names.Select(n => n.Reference.Familiar).Order(StringComparer.Ordinal));
        Assert.Equal(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), summary.Created);
        Assert.True(summary.Size >= 1536, $"{summary.Size}");
    }

    [Fact]
    public async Task An_image_is_found_by_the_beginning_of_its_id_and_several_are_told_apart()
    {
        var ids = new List<Digest>();
        for (var i = 0; i < 40; i++)
        {
            ids.Add(await AddImage(Store, $"{i}"));
        }
        foreach (var id in ids)
        {
            Assert.Equal(new ImageLookup.Found(id, null, null), Store.Images.Find(id.Short));
            Assert.Equal(new ImageLookup.Found(id, null, null), Store.Images.Find(id.ToString()));
            Assert.Equal(new ImageLookup.Found(id, null, null), Store.Images.Find(id.Hex));
        }
        var shared = ids.GroupBy(id => id.Hex[0]).First(g => g.Count() > 1);
        var ambiguous = Assert.IsType<ImageLookup.Ambiguous>(Store.Images.Find($"{shared.Key}"));
        Assert.Equal(shared.Order(), ambiguous.Images);
        foreach (var text in new[] { "", "nothing", "sha256:", "ffffffffffffffff", "'; DROP TABLE images; --", "no/such:tag" })
        {
            Assert.IsType<ImageLookup.NotFound>(Store.Images.Find(text));
        }
    }

    [Fact]
    public async Task A_config_beyond_all_measure_is_refused_unread()
    {
        var layer = Compressed(("file", "x"));
        var config = Config(new string('x', ImageConfig.MaxSize), layer.DiffId).ToBytes();
        await Store.Blobs.PutAsync(Describe(layer.Blob), new MemoryStream(layer.Blob), Stop);
        await Store.Blobs.PutAsync(config, Stop);
        var manifest = Manifest.Create(Describe(config, MediaTypes.OciConfig), [Describe(layer.Blob)]);
        var e = await Assert.ThrowsAsync<InvalidImageException>(() => Store.Manifests.PutAsync(new StoredManifest(manifest.Raw, manifest.MediaType), Name("large"), Stop));
        Assert.Contains("8,388,608 are the most", e.Message, StringComparison.Ordinal);
        await AddLayer(Store, ("file", "x"));
        e = await Assert.ThrowsAsync<InvalidImageException>(() => Store.Images.AddAsync(config, Stop));
        Assert.Contains("8,388,608 are the most", e.Message, StringComparison.Ordinal);
        Assert.Empty(Store.Images.List());
    }

    [Fact]
    public async Task An_image_that_is_built_again_is_used_and_survives_a_prune_of_the_old()
    {
        var id = await AddImage(Store, "again");
        Reopen();
        Clock.Advance(TimeSpan.FromDays(40));
        Assert.Equal(id, await AddImage(Store, "again"));
        Reopen();
        var old = new Strata.Store.PruneOptions { UnusedImages = true, OlderThan = TimeSpan.FromDays(30) };
        Assert.Empty((await Store.Maintenance.PruneAsync(old, Stop)).Images);
        Clock.Advance(TimeSpan.FromDays(31));
        Assert.Equal([id], (await Store.Maintenance.PruneAsync(old, Stop)).Images);
    }

    [Fact]
    public async Task A_name_wins_over_the_beginning_of_an_id()
    {
        var one = await AddImage(Store, "1");
        var two = await AddImage(Store, "2", one.Hex[..6]);
        Assert.Equal(two, Assert.IsType<ImageLookup.Found>(Store.Images.Find(one.Hex[..6])).Image);
    }

    [Fact]
    public async Task Removing_a_name_removes_the_image_with_its_last_one()
    {
        var id = await AddImage(Store, "1", "app:v1");
        Store.Names.Move(Name("app:v2"), id, null);
        Reopen();
        var first = Assert.IsType<RemoveResult.Removed>(await Store.Maintenance.RemoveImageAsync("app:v1", false, Stop));
        Assert.Equal([new RemovedItem.Untagged(Name("app:v1"))], first.Items);
        var layer = Store.Images.Get(id)!.Layers[0];
        var second = Assert.IsType<RemoveResult.Removed>(await Store.Maintenance.RemoveImageAsync("app:v2", false, Stop));
        Assert.Equal([new RemovedItem.Untagged(Name("app:v2")), new RemovedItem.Deleted(id), new RemovedItem.Deleted(layer)], second.Items);
        Assert.Empty(FilesIn("blobs"));
        Assert.Empty(FilesIn("layers"));
        Assert.IsType<RemoveResult.NotFound>(await Store.Maintenance.RemoveImageAsync("app:v2", false, Stop));
    }

    [Fact]
    public async Task What_another_image_shares_stays()
    {
        var shared = await AddLayer(Store, ("shared", "s"));
        var own = await AddLayer(Store, ("own", "o"));
        var one = await Store.Images.AddAsync(Config("1", shared).ToBytes(), Stop);
        var two = await Store.Images.AddAsync(Config("2", shared, own).ToBytes(), Stop);
        Reopen();
        var removed = Assert.IsType<RemoveResult.Removed>(await Store.Maintenance.RemoveImageAsync(two.Short, false, Stop));
        Assert.Equal([new RemovedItem.Deleted(two), new RemovedItem.Deleted(own)], removed.Items);
        Assert.NotNull(Store.Images.Get(one));
        Assert.NotNull(await Store.Layers.OpenTarAsync(shared, Stop));
    }

    [Fact]
    public async Task An_image_in_use_is_removed_only_by_force_and_then_only_its_names()
    {
        var id = await AddImage(Store, "1", "app");
        Assert.Equal(AddContainerResult.Added, Store.Containers.Add(Container(id)));
        Reopen();
        Assert.Equal("quiet_heron", Assert.IsType<RemoveResult.InUse>(await Store.Maintenance.RemoveImageAsync("app", false, Stop)).Containers[0].Name);
        Assert.IsType<RemoveResult.InUse>(await Store.Maintenance.RemoveImageAsync(id.Short, false, Stop));
        Assert.Equal([new RemovedItem.Untagged(Name("app"))], Assert.IsType<RemoveResult.Removed>(await Store.Maintenance.RemoveImageAsync("app", true, Stop)).Items);
        await Store.Maintenance.PruneAsync(new PruneOptions { UnusedImages = true, BuildCache = true, Snapshots = true }, Stop);
        Assert.NotNull(Store.Images.Get(id));
        Store.Containers.Remove(Container(id).Id);
        Assert.Equal([id], (await Store.Maintenance.PruneAsync(new PruneOptions(), Stop)).Images);
    }

    [Fact]
    public async Task By_id_an_image_with_names_in_several_repositories_needs_force()
    {
        var id = await AddImage(Store, "1", "one");
        Store.Names.Move(Name("two"), id, null);
        Reopen();
        Assert.Equal(2, Assert.IsType<RemoveResult.SeveralNames>(await Store.Maintenance.RemoveImageAsync(id.Short, false, Stop)).Names.Count);
        var removed = Assert.IsType<RemoveResult.Removed>(await Store.Maintenance.RemoveImageAsync(id.Short, true, Stop));
        Assert.Equal(4, removed.Items.Count);
        Assert.Empty(Store.Images.List());
    }

    [Fact]
    public async Task An_image_whose_layer_is_missing_is_not_added()
    {
        var e = await Assert.ThrowsAsync<StoreException>(() => Store.Images.AddAsync(Config("x", Digest.Of("none"u8)).ToBytes(), Stop));
        Assert.Contains(Digest.Of("none"u8).ToString(), e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Containers_are_found_by_name_and_by_the_beginning_of_their_id()
    {
        var image = await AddImage(Store, "1");
        Store.Containers.Add(Container(image));
        Assert.Equal(AddContainerResult.NameTaken, Store.Containers.Add(Container(image, id: "c0ffff")));
        Assert.Equal(AddContainerResult.NoImage, Store.Containers.Add(Container(Digest.Of("none"u8), name: "other")));
        Assert.Equal(AddContainerResult.Added, Store.Containers.Add(Container(image, "second", "c0ffff")));
        Assert.IsType<ContainerLookup.Ambiguous>(Store.Containers.Find("c0ff"));
        Assert.Equal("second", Assert.IsType<ContainerLookup.Found>(Store.Containers.Find("c0fff")).Container.Name);
        Assert.Equal("second", Assert.IsType<ContainerLookup.Found>(Store.Containers.Find("second")).Container.Name);
        Assert.IsType<ContainerLookup.NotFound>(Store.Containers.Find("third"));
        Assert.Equal(Container(image) with { Config = default }, Store.Containers.Get(Container(image).Id)! with { Config = default });
        Assert.False(Store.Containers.Rename(Container(image).Id, "second"));
        Assert.True(Store.Containers.Rename(Container(image).Id, "third"));
        Assert.Equal(2, Store.Containers.List().Count);
    }

    [Fact]
    public async Task The_folder_of_a_container_comes_with_it_and_not_with_a_look_at_it()
    {
        var image = await AddImage(Store, "1");
        var folder = Store.Containers.DirectoryOf(Container(image).Id);
        Assert.False(Directory.Exists(folder));
        Assert.Equal(AddContainerResult.Added, Store.Containers.Add(Container(image)));
        Assert.True(Directory.Exists(folder));
        Assert.Equal(AddContainerResult.NameTaken, Store.Containers.Add(Container(image, id: "c0ffff")));
        Assert.Equal([folder], Directory.EnumerateDirectories(Path.Combine(Root, "containers")));
        Assert.Equal(AddContainerResult.NameTaken, Store.Containers.Add(Container(image)));
        Assert.True(Directory.Exists(folder));
    }

    [Fact]
    public async Task Disk_usage_counts_containers_and_what_they_have_written()
    {
        var image = await AddImage(Store, "1");
        Store.Containers.Add(Container(image));
        Store.Containers.Add(Container(image, "never_begun", "c0ffff"));
        Directory.CreateDirectory(Path.Combine(Store.Containers.DirectoryOf(Container(image).Id), "upper", "etc"));
        await System.IO.File.WriteAllBytesAsync(Path.Combine(Store.Containers.DirectoryOf(Container(image).Id), "upper", "etc", "a"), new byte[3000], Stop);
        Directory.Delete(Store.Containers.DirectoryOf(Container(image, id: "c0ffff").Id));
        Assert.Equal(new UsageRow(2, 2, 3000, 0), Store.Maintenance.DiskUsage().Containers);
    }
}
