using CsCheck;
using Strata.Content.Streams;
using Strata.Oci;
using Strata.Testing;

namespace Strata.Content.Tests.Streams;

public sealed class VerifyingStreamTests
{
    [Fact]
    public void Any_content_read_in_any_pieces_comes_through_unchanged() =>
        Gen.Select(Gen.Byte.Array[0, 5000], Gen.Int[1, 700].Array[1, 20], Gen.Enum<DigestAlgorithm>()).Sample((content, pieces, algorithm) =>
        {
            using var stream = Verifying(content, ContentHasher.DigestOf(content, algorithm), content.Length);
            Assert.Equal(content, ReadInPieces(stream, pieces));
        });

    [Fact]
    public async Task Asynchronous_reads_give_the_same() =>
        await Gen.Select(Gen.Byte.Array[0, 5000], Gen.Int[1, 700]).SampleAsync(async (content, piece) =>
        {
            await using var stream = Verifying(content, Digest.Of(content), content.Length);
            using var copy = new MemoryStream();
            await stream.CopyToAsync(copy, piece, TestContext.Current.CancellationToken);
            Assert.Equal(content, copy.ToArray());
        });

    [Fact]
    public void A_changed_byte_is_found_before_the_last_byte_is_handed_out() =>
        Gen.Select(Gen.Byte.Array[1, 3000], Gen.Int[1, 700], Gen.Int[0, int.MaxValue]).Sample((content, piece, at) =>
        {
            var digest = Digest.Of(content);
            var changed = content.ToArray();
            changed[at % content.Length] ^= 0x10;
            using var stream = Verifying(changed, digest, content.Length);
            var handedOut = 0;
            var error = Assert.Throws<ContentMismatchException>(() =>
            {
                var buffer = new byte[piece];
                while (stream.Read(buffer) is var read and > 0)
                {
                    handedOut += read;
                }
            });
            Assert.True(handedOut < content.Length);
            Assert.Contains(digest.ToString(), error.Message, StringComparison.Ordinal);
            Assert.Contains(Digest.Of(changed).ToString(), error.Message, StringComparison.Ordinal);
        });

    [Fact]
    public void Content_that_ends_early_is_refused_and_both_digests_are_named()
    {
        byte[] content = [1, 2, 3, 4];
        using var stream = Verifying(content[..3], Digest.Of(content), content.Length);
        var error = Assert.Throws<ContentMismatchException>(() => ReadInPieces(stream, [100]));
        Assert.Contains("ends after 3 of 4 bytes", error.Message, StringComparison.Ordinal);
        Assert.Equal(Digest.Of(content), error.Expected);
        Assert.Equal(Digest.Of(content.AsSpan(0, 3)), error.Actual);
    }

    [Fact]
    public void Content_that_goes_on_is_refused()
    {
        byte[] content = [1, 2, 3, 4];
        using var stream = Verifying(content, Digest.Of(content.AsSpan(0, 3)), 3);
        var error = Assert.Throws<ContentMismatchException>(() => ReadInPieces(stream, [100]));
        Assert.Contains("goes on after the 3 bytes", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Empty_content_is_checked_too()
    {
        using var stream = Verifying([], Digest.Of([7]), 0);
        Assert.Throws<ContentMismatchException>(() => stream.Read(new byte[1], 0, 1));
    }

    [Fact]
    public void Content_that_verifies_itself_is_not_hashed_twice()
    {
        var blob = new Descriptor { MediaType = MediaTypes.OctetStream, Digest = Digest.Of([1]), Size = 1 };
        using var stream = Verifying([1], blob.Digest, blob.Size);
        Assert.Same(stream, VerifyingStream.Over(stream, blob));
        Assert.NotSame(stream, VerifyingStream.Over(stream, blob with { Size = 2 }));
    }

    [Fact]
    public void An_error_of_the_source_is_passed_on_as_it_is()
    {
        var content = new byte[100];
        using var stream = new VerifyingStream(new BreakingStream(content, 50), Digest.Of(content), 100);
        var error = Assert.Throws<IOException>(() => ReadInPieces(stream, [30]));
        Assert.Equal("The connection was cut.", error.Message);
    }

    private static VerifyingStream Verifying(byte[] content, Digest digest, long size) => new(new MemoryStream(content), digest, size);

    private static byte[] ReadInPieces(Stream stream, int[] pieces)
    {
        using var all = new MemoryStream();
        for (var i = 0; ; i++)
        {
            var buffer = new byte[pieces[i % pieces.Length]];
            var read = stream.Read(buffer);
            if (read == 0)
            {
                return all.ToArray();
            }
            all.Write(buffer, 0, read);
        }
    }
}
