using System.Text;
using CsCheck;

namespace Strata.Oci.Tests;

public sealed class ValueTests
{
    [Fact]
    public void A_digest_is_read_back_from_its_text()
    {
        var digest = Digest.Of("abc"u8);
        Assert.Equal("sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", digest.ToString());
        Assert.Equal(digest, Digest.Parse(digest.ToString()));
        Assert.Equal("ba7816bf8f01", digest.Short);
        var sha512 = Digest.Parse("sha512:" + new string('a', 128));
        Assert.Equal(DigestAlgorithm.Sha512, sha512.Algorithm);
        Assert.Equal(new string('a', 128), sha512.Hex);
    }

    [Theory]
    [InlineData("")]
    [InlineData("sha256:")]
    [InlineData("sha256:BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD")]
    [InlineData("sha256:../../../../../../../etc/passwd0000000000000000000000000000000000")]
    [InlineData("sha1:a9993e364706816aba3e25717850c26c9cd0d89d")]
    [InlineData("sha512:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    public void What_is_no_digest_is_refused(string text) => Assert.False(Digest.TryParse(text, out _));

    [Fact]
    public void A_digest_that_was_never_set_cannot_be_used() => Assert.Throws<InvalidOperationException>(() => default(Digest).ToString());

    [Theory]
    [InlineData("", "/")]
    [InlineData("/", "/")]
    [InlineData("a//b/./c/", "/a/b/c")]
    [InlineData("../../etc/passwd", "/etc/passwd")]
    [InlineData("/a/../../b", "/b")]
    [InlineData("a/..", "/")]
    public void A_path_never_leaves_the_root(string typed, string clean) => Assert.Equal(clean, ImagePath.Parse(typed).ToString());

    [Fact]
    public void Clean_paths_stay_as_they_are_and_hold_no_odd_parts() =>
        Gen.OneOf("a", "bc", ".", "..", "", "...", "é").Array[0, 8].Sample(parts =>
        {
            var path = ImagePath.Parse(string.Join('/', parts));
            Assert.True(ImagePath.TryParse(path.Bytes, out var again));
            Assert.Equal(path, again);
            Assert.DoesNotContain(Encoding.UTF8.GetString(path.Bytes).Split('/'), p => p is "." or "..");
            Assert.True(path.IsWithin(path.Parent));
            if (!path.IsRoot)
            {
                Assert.Equal(path, path.Parent.Append(path.Name));
            }
        });

    [Fact]
    public void A_path_is_not_within_one_that_only_begins_alike()
    {
        Assert.True(ImagePath.Parse("a/b").IsWithin(ImagePath.Parse("a")));
        Assert.False(ImagePath.Parse("ab").IsWithin(ImagePath.Parse("a")));
        Assert.True(ImagePath.Parse("ab").IsWithin(ImagePath.Root));
        Assert.False(ImagePath.TryParse("a\0b"u8, out _));
    }

    [Theory]
    [InlineData("application/vnd.oci.image.layer.v1.tar", LayerCompression.None)]
    [InlineData("application/vnd.oci.image.layer.v1.tar+zstd", LayerCompression.Zstd)]
    [InlineData("application/vnd.oci.image.layer.nondistributable.v1.tar+gzip", LayerCompression.Gzip)]
    [InlineData("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", LayerCompression.Gzip)]
    [InlineData("application/vnd.in-toto+json", null)]
    public void A_layers_media_type_names_its_compression(string mediaType, LayerCompression? compression) =>
        Assert.Equal(compression, MediaTypes.LayerCompressionOf(mediaType));

    [Fact]
    public void Every_error_code_has_its_definition()
    {
        foreach (var code in Enum.GetValues<OciErrorCode>())
        {
            Assert.InRange(OciErrors.Of(code).HttpStatus, 400, 599);
        }
        Assert.Equal(OciErrorCode.BlobUploadInvalid, OciErrors.FromWire("BLOB_UPLOAD_INVALID"));
        Assert.Null(OciErrors.FromWire("TEAPOT"));
    }

    [Theory]
    [InlineData("2015-10-31T22:22:56.015925234Z", "2015-10-31T22:22:56.0159252Z")]
    [InlineData("2026-01-01T02:00:00+02:00", "2026-01-01T00:00:00Z")]
    public void Times_are_written_in_utc(string text, string written)
    {
        Assert.True(OciTime.TryParse(text, out var time));
        Assert.Equal(written, OciTime.Format(time));
    }
}
