using System.Text;
using Strata.Content.Tar;
using Strata.Oci;
using Strata.Testing;

namespace Strata.Host.Tests.Images;

/// <summary>Images that somebody made to do harm, given to <c>load</c> and unpacked as a container would have them.</summary>
public sealed class HostileLoadTests : HostTest
{
    private const long UsualMode = 0x1ED;

    public static TheoryData<string, string> Clamped => new()
    {
        // CVE-2020-10696, CVE-2014-9356, CVE-2018-15664: names and links that lead out of the root.
        { "names that climb", "f ../victim; f a/../../victim; f /../victim" },
        { "a link to the folder above", "l up ../..; f up/victim" },
        { "an absolute link", "l out OUT; f out/victim" },
        { "a link through a link", "l a b; l b ../..; f a/victim" },
        { "a link that becomes a folder", "l out OUT; f out/x; d out; f out/victim" },
        { "a link in the place of a file", "l victim OUT/victim; f victim" },
        { "a whiteout of what is outside", "f ../.wh.victim; l out OUT; f out/.wh.victim" },
        { "an opaque mark outside", "l out OUT; f out/.wh..wh..opq" },
        { "a folder twice", "d a; f a/x; d a; f a/x" },
        { "a file and its whiteout", "f a; f .wh.a" },
    };

    public static TheoryData<string, string> Refused => new()
    {
        { "hard link to something", "h a ../victim" },
        { "hard link to something", "h a OUT/victim" },
        { "hard link to itself", "f a; h a a" },
        { "which is no directory", "f a; f a/b" },
        { "no whiteout of anything", "f .wh.." },
        { "no whiteout of anything", "f d/.wh..." },
        { "no whiteout of anything", "f .wh.d/x" },
        { "place of the root directory", "l . OUT" },
        { "more than 40 symbolic links", "l a b; l b a; f a/x" },
        { "more than 255 bytes", "f " + new string('n', 300) },
    };

    [Theory, MemberData(nameof(Clamped))]
    public async Task What_leads_outside_lands_inside(string what, string entries)
    {
        Privileges.NeedRoot();
        Write("victim", what);
        var diffId = await LoadAsync(entries);
        await Host.Store.Snapshots.EnsureAsync([diffId], null, Stop);
        CheckOutside(what);
        Assert.Empty(await Host.Store.Maintenance.VerifyAsync(repair: false, null, Stop));
    }

    [Theory, MemberData(nameof(Refused))]
    public async Task What_no_layer_can_be_is_refused_in_one_sentence_and_leaves_nothing(string said, string entries)
    {
        Write("victim", said);
        var refusal = await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            var diffId = await LoadAsync(entries);
            await Host.Store.Layers.OpenIndexAsync(diffId, Stop);
        });
        Assert.Contains(said, refusal.Message, StringComparison.Ordinal);
        CheckOutside(said);
        if (Privileges.IsRoot)
        {
            await Assert.ThrowsAnyAsync<IOException>(() => Host.Store.Snapshots.EnsureAsync([Digest.Of(Tar(entries))], null, Stop));
            Assert.Empty(Directory.EnumerateFileSystemEntries(Place("store"), "victim", SearchOption.AllDirectories));
        }
        CheckOutside(said);
    }

    [Fact]
    public async Task An_archive_that_lacks_or_doubles_something_gives_no_image()
    {
        var tar = Tar("f a");
        var config = Config(tar);
        (string, byte[]) list = ("manifest.json", """[{"Config":"c","RepoTags":["app:v1"],"Layers":["l"]}]"""u8.ToArray());
        await RefusedAsync("names l, which is not in the archive", ("c", config), list);
        await RefusedAsync("holds l twice", ("c", config), ("l", tar), ("./l", tar), list);
        await RefusedAsync("no list of images", ("c", config), ("l", tar), ("manifest.json", "{"u8.ToArray()));
        await RefusedAsync("which is not in the archive", ("c", config), ("../l", tar), list);
        // Other bytes than the config promises.
        await RefusedAsync(Digest.Of(tar).ToString(), ("c", config), ("l", Tar("f b")), list);
        var more = new byte[16 * 1024 * 1024 + 1];
        await RefusedAsync("more than the 16,777,216 bytes", ("manifest.json", more));
        Assert.Empty(Host.Store.Images.List());
    }

    private async Task RefusedAsync(string said, params (string, byte[])[] files)
    {
        var archive = Place("archive.tar");
        await File.WriteAllBytesAsync(archive, Pack(files), Stop);
        var here = await Assert.ThrowsAnyAsync<IOException>(LoadFile);
        var once = await Assert.ThrowsAnyAsync<IOException>(LoadStream);
        Assert.Contains(said, here.Message, StringComparison.Ordinal);
        Assert.Contains(said, once.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', here.Message + once.Message);

        Task LoadFile() => Translated(() => LoadAsync(Host, archive));
        Task LoadStream() => Translated(() => LoadAsync(Host, new MemoryStream(Pack(files))));
    }

    // What the executable tells people is a sentence, whichever of the two it is.
    private static async Task Translated(Func<Task> load)
    {
        try
        {
            await load();
        }
        catch (StrataException e)
        {
            throw new IOException(e.Message, e);
        }
    }

    private async Task<Digest> LoadAsync(string entries)
    {
        var tar = Tar(entries);
        (string, byte[]) list = ("manifest.json", """[{"Config":"c","RepoTags":["app:v1"],"Layers":["l"]}]"""u8.ToArray());
        await Translated(() => LoadAsync(Host, new MemoryStream(Pack([("c", Config(tar)), ("l", tar), list]))));
        return Digest.Of(tar);
    }

    private void CheckOutside(string said)
    {
        Assert.Equal(said, File.ReadAllText(Place("victim")));
        Assert.Equal(["store", "victim"], Directory.GetFileSystemEntries(Place()).Select(Path.GetFileName).Order());
    }

    private static byte[] Config(byte[] tar) =>
        new ImageConfig { Architecture = "amd64", Os = "linux", RootFs = new RootFs { DiffIds = [Digest.Of(tar)] } }.ToBytes();

    /// <summary>In a word each: f(ile), d(irectory), l(ink), h(ard link); OUT is the folder outside of the store.</summary>
    private byte[] Tar(string entries)
    {
        using var buffer = new MemoryStream();
        using var tar = new TarWriter(buffer);
        foreach (var words in entries.Replace("OUT", Place(), StringComparison.Ordinal).Split("; ").Select(entry => entry.Split(' ')))
        {
            tar.WriteHeader(new TarHeader
            {
                Name = Encoding.UTF8.GetBytes(words[1]),
                LinkName = Encoding.UTF8.GetBytes(words.Length > 2 ? words[2] : ""),
                Mode = UsualMode,
                Type = words[0] switch { "f" => TarType.Regular, "d" => TarType.Directory, "l" => TarType.SymbolicLink, _ => TarType.HardLink },
            });
        }
        tar.Complete();
        return buffer.ToArray();
    }

    private static byte[] Pack(params (string Name, byte[] Content)[] files)
    {
        using var buffer = new MemoryStream();
        using var tar = new TarWriter(buffer);
        foreach (var (name, content) in files)
        {
            tar.WriteHeader(new TarHeader { Name = Encoding.UTF8.GetBytes(name), Type = TarType.Regular, Mode = UsualMode, Size = content.Length });
            tar.Write(content);
        }
        tar.Complete();
        return buffer.ToArray();
    }
}
