using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Strata.Content.Tar;
using Strata.Linux;
using Strata.Testing;

namespace Strata.Content.Tests.Tar;

/// <summary>The archives of data/tar and what is in them.</summary>
public sealed class TarHeaderTables
{
    private static readonly Dictionary<string, string> LeftOut = new()
    {
        ["testdata/pax-bad-hdr-large.tar.bz2"] = "is compressed with bzip2, which .NET cannot read; see the test of its own",
        ["testdata/pax-global-records.tar"] = "the table has global headers as members and does not apply them; see the test of its own",
    };

    [Fact]
    public void Every_archive_of_the_table_reads_as_it_says()
    {
        var files = TestData.Json("tar", "headers.json").GetProperty("files");
        Assert.Equal(43, files.GetArrayLength());
        var checkedFiles = 0;
        foreach (var file in files.EnumerateArray())
        {
            var name = file.GetProperty("file").GetString()!;
            if (!LeftOut.ContainsKey(name))
            {
                Check(file, name);
                checkedFiles++;
            }
        }
        Assert.Equal(43 - LeftOut.Count, checkedFiles);
    }

    [Fact]
    public void Reading_a_part_of_a_content_gives_its_beginning()
    {
        var rows = TestData.Json("tar", "headers.json").GetProperty("partialRead");
        Assert.Equal(2, rows.GetArrayLength());
        foreach (var row in rows.EnumerateArray())
        {
            using var reader = Open(row.GetProperty("file").GetString()!);
            foreach (var entry in row.GetProperty("entries").EnumerateArray())
            {
                Assert.NotNull(reader.ReadNext());
                var buffer = new byte[entry.GetProperty("count").GetInt32()];
                ReadExactly(reader, buffer);
                Assert.Equal(entry.GetProperty("output").GetString(), Encoding.UTF8.GetString(buffer));
            }
        }
    }

    [Fact]
    public void Global_records_hold_until_they_are_taken_back()
    {
        using var reader = Open("testdata/pax-global-records.tar");
        var members = new List<(string Name, long Seconds)>();
        while (reader.ReadNext() is { } header)
        {
            members.Add((Encoding.UTF8.GetString(header.Name), header.Modified.Seconds));
        }
        Assert.Equal([("global1", 1500000000), ("file2", 1500000000), ("file3", 1500000000), ("file4", 1400000000)], members);
    }

    [Fact]
    public void A_special_header_larger_than_the_limit_is_refused()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/bzip2"), "needs bzip2");
        using var bzip2 = Process.Start(new ProcessStartInfo("/usr/bin/bzip2", ["-dc", TestData.Path("tar", "testdata", "pax-bad-hdr-large.tar.bz2")]) { RedirectStandardOutput = true })!;
        using var reader = new TarReader(bzip2.StandardOutput.BaseStream, TarLimits.Default, TestContext.Current.CancellationToken);
        var e = Assert.Throws<InvalidTarException>(reader.ReadNext);
        Assert.Contains("more than 1048576 bytes", e.Message, StringComparison.Ordinal);
        bzip2.Kill();
    }

    private static void Check(JsonElement file, string name)
    {
        var expected = file.GetProperty("headers");
        var sums = file.TryGetProperty("md5", out var md5) && md5.ValueKind == JsonValueKind.Array ? md5 : default;
        var isSound = !file.TryGetProperty("error", out var error) || error.ValueKind == JsonValueKind.Null;
        var number = 0;
        using var reader = Open(name);
        try
        {
            while (reader.ReadNext() is { } header)
            {
                Assert.True(number < expected.GetArrayLength(), $"{name} has more members than {number}");
                Compare(expected[number], header, $"{name}, member {number}");
                if (sums.ValueKind == JsonValueKind.Array && sums[number].ValueKind == JsonValueKind.String)
                {
                    Assert.True(sums[number].GetString() == Sum(reader), $"{name}, member {number}: the content is another");
                }
                number++;
                if (name.EndsWith("-sparse-big.tar", StringComparison.Ordinal))
                {
                    break;
                }
            }
            Assert.True(isSound, $"{name} was read to its end without an error");
        }
        catch (InvalidTarException e)
        {
            Assert.True(!isSound, $"{name}: {e.Message}");
        }
        Assert.True(expected.GetArrayLength() == number, $"{name} has {number} members");
    }

    private static void Compare(JsonElement expected, TarHeader header, string what)
    {
        var name = expected.TryGetProperty("nameBase64", out var base64)
            ? base64.GetBytesFromBase64()
            : Encoding.UTF8.GetBytes(expected.GetProperty("name").GetString()!);
        Assert.True(name.AsSpan().SequenceEqual(header.Name), what + ": name");
        Assert.True(expected.GetProperty("linkname").GetString() == Encoding.UTF8.GetString(header.LinkName), what + ": link");
        Assert.True(expected.GetProperty("mode").GetInt64() == header.Mode, what + ": mode");
        Assert.True(expected.GetProperty("uid").GetInt64() == header.UserId, what + ": owner");
        Assert.True(expected.GetProperty("gid").GetInt64() == header.GroupId, what + ": group");
        Assert.True(expected.GetProperty("size").GetInt64() == header.Size, what + ": size");
        Assert.True(expected.GetProperty("devmajor").GetInt64() == header.DeviceMajor, what + ": major");
        Assert.True(expected.GetProperty("devminor").GetInt64() == header.DeviceMinor, what + ": minor");
        Assert.True(expected.GetProperty("typeflag").GetString() == ((char)header.Type).ToString(), what + ": type");
        var time = expected.GetProperty("modTime");
        Assert.True(new FileTime(time[0].GetInt64(), time[1].GetUInt32()) == header.Modified, what + ": time");
        var xattrs = expected.TryGetProperty("xattrs", out var found)
            ? found.EnumerateObject().ToDictionary(x => x.Name, x => x.Value.GetString())
            : [];
        Assert.True(xattrs.Count == header.Xattrs.Count && header.Xattrs.All(x => xattrs.GetValueOrDefault(x.Key) == Encoding.UTF8.GetString(x.Value)), what + ": xattrs");
    }

    [SuppressMessage("Security", "CA5351", Justification = "The table's sums are MD5.")]
    private static string Sum(TarReader reader)
    {
        using var md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        var buffer = new byte[1000];
        while (reader.Read(buffer) is var read and > 0)
        {
            md5.AppendData(buffer, 0, read);
        }
        return Convert.ToHexStringLower(md5.GetHashAndReset());
    }

    private static void ReadExactly(TarReader reader, Span<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            var read = reader.Read(buffer);
            Assert.NotEqual(0, read);
            buffer = buffer[read..];
        }
    }

    private static TarReader Open(string file) => new(File.OpenRead(TestData.Path("tar", file)), TarLimits.Default, TestContext.Current.CancellationToken);
}
