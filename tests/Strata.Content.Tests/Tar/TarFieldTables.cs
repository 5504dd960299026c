using System.Text;
using System.Text.Json;
using Strata.Content.Tar;
using Strata.Linux;
using Strata.Testing;

namespace Strata.Content.Tests.Tar;

/// <summary>The rows of data/tar/fields.json: number fields, times and records of headers.</summary>
public sealed class TarFieldTables
{
    [Fact]
    public void Numbers_in_octal_and_base_256_are_read()
    {
        Rows("parseNumeric", 34, row =>
        {
            var parsed = TarNumber.TryParse(row.GetProperty("fieldBase64").GetBytesFromBase64(), out var value);
            Assert.Equal(!IsError(row), parsed);
            if (parsed)
            {
                Assert.Equal(row.GetProperty("value").GetInt64(), value);
            }
        });
    }

    [Fact]
    public void Numbers_that_fit_are_written_in_octal()
    {
        var written = 0;
        Rows("formatNumeric", 41, row =>
        {
            var expected = row.GetProperty("fieldBase64").GetBytesFromBase64();
            var value = row.GetProperty("value").GetInt64();
            // Base 256 is left out: what does not fit in octal goes into a PAX record here.
            if (!row.GetProperty("ok").GetBoolean() || !TarNumber.FitsOctal(value, expected.Length))
            {
                return;
            }
            var field = new byte[expected.Length];
            TarNumber.FormatOctal(value, field);
            Assert.Equal(expected, field);
            written++;
        });
        Assert.Equal(13, written);
    }

    [Fact]
    public void Whether_a_number_fits_in_octal_is_known()
    {
        Rows("fitsInOctal", 23, row => Assert.Equal(
            row.GetProperty("fits").GetBoolean(),
            TarNumber.FitsOctal(row.GetProperty("value").GetInt64(), row.GetProperty("width").GetInt32())));
    }

    [Fact]
    public void Times_are_read()
    {
        Rows("parsePaxTime", 56, row =>
        {
            var parsed = PaxTime.TryParse(Bytes(row, "input"), out var time);
            Assert.Equal(!IsError(row), parsed);
            if (parsed)
            {
                Assert.Equal(Time(row.GetProperty("time")[0].GetInt64(), row.GetProperty("time")[1].GetInt64()), time);
            }
        });
    }

    [Fact]
    public void Times_are_written()
    {
        Rows("formatPaxTime", 29, row =>
        {
            var time = Time(row.GetProperty("sec").GetInt64(), row.GetProperty("nsec").GetInt64());
            Assert.Equal(row.GetProperty("expected").GetString(), Encoding.ASCII.GetString(PaxTime.Format(time)));
        });
    }

    [Fact]
    public void A_record_is_read()
    {
        Rows("parsePaxRecord", 25, row =>
        {
            var parsed = PaxRecords.TryParse(Bytes(row, "input"), out var key, out var value, out var rest);
            Assert.Equal(!IsError(row), parsed);
            if (parsed)
            {
                Assert.Equal(row.GetProperty("key").GetString(), key);
                Assert.Equal(Bytes(row, "value"), value.ToArray());
                Assert.Equal(Bytes(row, "rest"), rest.ToArray());
            }
        });
    }

    [Fact]
    public void A_record_is_written()
    {
        Rows("formatPaxRecord", 13, row =>
        {
            var (key, value) = (row.GetProperty("key").GetString()!, Bytes(row, "value"));
            Assert.Equal(!IsError(row), PaxRecords.IsValid(key, value));
            if (!IsError(row))
            {
                var text = new MemoryStream();
                PaxRecords.Format(key, value, text);
                Assert.Equal(Bytes(row, "expected"), text.ToArray());
            }
        });
    }

    [Fact]
    public void All_records_of_a_header_are_read()
    {
        Rows("parsePax", 12, row =>
        {
            var records = new Dictionary<string, byte[]>();
            Assert.Equal(!IsError(row), PaxRecords.TryParseAll(Bytes(row, "input"), records));
            if (!IsError(row))
            {
                var expected = row.GetProperty("records").EnumerateObject().ToDictionary(
                    record => record.Name switch
                    {
                        // The table names these keys by Go's constants.
                        "paxGNUSparseMap" => "GNU.sparse.map",
                        "paxGNUSparseNumBlocks" => "GNU.sparse.numblocks",
                        "paxGNUSparseSize" => "GNU.sparse.size",
                        var name => name,
                    },
                    record => record.Value.GetString());
                Assert.Equal(expected.OrderBy(r => r.Key), records.Select(r => KeyValuePair.Create(r.Key, (string?)Encoding.UTF8.GetString(r.Value))).OrderBy(r => r.Key));
            }
        });
    }

    [Fact]
    public void A_long_path_is_split_into_prefix_and_name()
    {
        Rows("splitUstarPath", 13, row =>
        {
            var split = UstarPath.TrySplit(Bytes(row, "input"), out var prefix, out var name);
            Assert.Equal(row.GetProperty("ok").GetBoolean(), split);
            Assert.Equal(row.GetProperty("prefix").GetString(), Encoding.UTF8.GetString(prefix));
            Assert.Equal(row.GetProperty("suffix").GetString(), Encoding.UTF8.GetString(name));
        });
    }

    // fitsInBase256, 15 rows, is left out: nothing is written in base 256.
    private static void Rows(string table, int count, Action<JsonElement> check)
    {
        var rows = TestData.Json("tar", "fields.json").GetProperty(table);
        Assert.Equal(count, rows.GetArrayLength());
        foreach (var row in rows.EnumerateArray())
        {
            try
            {
                check(row);
            }
            catch (Xunit.Sdk.XunitException e)
            {
                Assert.Fail($"{row}: {e.Message}");
            }
        }
    }

    // The table has times before 1970 with negative nanoseconds.
    private static FileTime Time(long seconds, long nanoseconds) =>
        nanoseconds < 0 ? new FileTime(seconds - 1, (uint)(nanoseconds + 1_000_000_000)) : new FileTime(seconds, (uint)nanoseconds);

    private static bool IsError(JsonElement row) => row.TryGetProperty("error", out var error) && error.GetBoolean();

    private static byte[] Bytes(JsonElement row, string name) => Encoding.UTF8.GetBytes(row.GetProperty(name).GetString()!);
}
