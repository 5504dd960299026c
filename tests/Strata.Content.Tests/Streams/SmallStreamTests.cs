using CsCheck;
using Strata.Content.Streams;
using Strata.Oci;

namespace Strata.Content.Tests.Streams;

public sealed class SmallStreamTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void A_digesting_stream_names_what_went_through() =>
        Gen.Byte.Array[0, 300].Array[0, 10].Sample(pieces =>
        {
            using var target = new MemoryStream();
            using var stream = new DigestingStream(target);
            foreach (var piece in pieces)
            {
                stream.Write(piece);
            }
            Assert.Equal(Digest.Of(target.ToArray()), stream.Digest());
            Assert.Equal(target.Length, stream.Length);
        });

    [Fact]
    public async Task A_bounded_stream_gives_content_up_to_its_limit_and_refuses_more()
    {
        Assert.Equal(new byte[10], await BoundedStream.ReadAllAsync(new MemoryStream(new byte[10]), 10, "The manifest", Stop));
        var error = await Assert.ThrowsAsync<ContentTooLargeException>(
            async () => await BoundedStream.ReadAllAsync(new MemoryStream(new byte[11]), 10, "The manifest", Stop));
        Assert.Equal("The manifest has more than the 10 bytes it may have; it was refused.", error.Message);
    }

    [Fact]
    public void A_bounded_stream_never_hands_out_more_than_its_limit() =>
        Gen.Select(Gen.Int[0, 500], Gen.Int[0, 500], Gen.Int[1, 100]).Sample((length, limit, piece) =>
        {
            using var stream = new BoundedStream(new MemoryStream(new byte[length]), limit, "It");
            var (total, refused, buffer) = (0, false, new byte[piece]);
            try
            {
                while (stream.Read(buffer) is var read and > 0)
                {
                    total += read;
                }
            }
            catch (ContentTooLargeException)
            {
                refused = true;
            }
            Assert.Equal(length > limit, refused);
            Assert.True(total <= limit);
        });
}
