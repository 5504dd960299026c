namespace Strata.EndToEnd;

/// <summary>A person whose disk is full can look, and free space; nothing but sentences comes out.</summary>
public sealed class FullStore
{
    [Fact]
    public async Task A_store_without_a_free_byte_is_listed_and_emptied()
    {
        await using var place = await Workplace.OpenAsync();
        var disk = place.PathOf("disk");
        Directory.CreateDirectory(disk);
        (await Command.RunAsync("truncate", ["-s", "48M", place.PathOf("image")])).Succeeded();
        (await Command.RunAsync("mkfs.ext4", ["-q", "-m", "0", place.PathOf("image")])).Succeeded();
        (await Command.RunAsync("mount", ["-o", "loop", place.PathOf("image"), disk])).Succeeded();
        try
        {
            var context = place.Context("app", ("Dockerfile", "FROM scratch\nCOPY . /\n"), ("big", new string('x', 3_000_000)));
            (await place.StrataInAsync(disk, "build", "-t", "app:v1", context)).Succeeded();
            File.WriteAllText(Path.Combine(context, "big"), new string('y', 3_000_000));
            (await place.StrataInAsync(disk, "build", "-t", "app:v2", context)).Succeeded();
            await Command.RunAsync("dd", ["if=/dev/zero", $"of={Path.Combine(disk, "filler")}", "bs=4k", "status=none"]);
            await Command.RunAsync("dd", ["if=/dev/zero", $"of={Path.Combine(disk, "filler2")}", "bs=1", "count=8192", "status=none"]);

            Assert.Contains("v2", (await place.StrataInAsync(disk, "images")).Succeeded().Output, StringComparison.Ordinal);
            (await place.StrataInAsync(disk, "ps", "-a")).Succeeded();
            (await place.StrataInAsync(disk, "system", "df")).Succeeded();
            (await place.StrataInAsync(disk, "system", "verify")).Succeeded();
            (await place.StrataInAsync(disk, "inspect", "app:v1")).Succeeded();
            (await place.StrataInAsync(disk, "tag", "app:v1", "app:v3")).FailedSaying("full", "strata prune");
            (await place.StrataInAsync(disk, "rmi", "app:v1")).Succeeded();
            (await place.StrataInAsync(disk, "prune", "-a", "-f")).Succeeded();
            File.WriteAllText(Path.Combine(context, "big"), new string('z', 3_000_000));
            (await place.StrataInAsync(disk, "build", "-t", "app:v4", context)).Succeeded();
            (await place.StrataInAsync(disk, "system", "verify")).Succeeded();
        }
        finally
        {
            (await Command.RunAsync("umount", [disk])).Succeeded();
        }
    }

    [Fact]
    public async Task A_mistyped_root_makes_no_store()
    {
        await using var place = await Workplace.OpenAsync(withBase: false);
        var wrong = place.PathOf("wrong");
        (await place.StrataInAsync(wrong, "images")).FailedSaying("no store", wrong);
        (await place.StrataInAsync(wrong, "prune", "-f")).FailedSaying("no store", wrong);
        Assert.False(Directory.Exists(wrong));
        place.Context("other", ("letter", "Dear"));
        (await place.StrataInAsync(place.PathOf("other"), "import", "x.tar")).FailedSaying("x.tar");
        (await place.StrataInAsync(place.PathOf("other"), "images")).FailedSaying("no strata store", "letter");
    }
}
