using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Strata.Oci;

namespace Strata.Build;

/// <summary>
/// What decides the result of a step, each thing under the name people know it by ("package.json", "the command").
/// The same list gives the step's key and explains, beside the list of an earlier build, why the key is another.
/// </summary>
internal sealed class FactList : IDisposable
{
    private readonly List<Func<IEnumerable<Fact>>> _facts = [];
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>Made when it's asked for: a step that is found needs no explanation.</summary>
    public IEnumerable<Fact> Facts => _facts.SelectMany(facts => facts());

    public int Count { get; private set; }

    public void Add(string label, ReadOnlySpan<byte> value)
    {
        // No label has a NUL and every hash is as long as the next: no two lists read the same.
        _hash.AppendData(Encoding.UTF8.GetBytes(label));
        _hash.AppendData([0]);
        AddUnlabelled(label, value);
    }

    public void Add(string label, string value) => Add(label, Encoding.UTF8.GetBytes(value));

    /// <summary>Values whose number and borders count: "a b" is not "a", "b".</summary>
    public void Add(string label, IEnumerable<string> values)
    {
        using var bytes = new MemoryStream();
        Span<byte> length = stackalloc byte[sizeof(int)];
        foreach (var value in values)
        {
            var text = Encoding.UTF8.GetBytes(value);
            BinaryPrimitives.WriteInt32LittleEndian(length, text.Length);
            bytes.Write(length);
            bytes.Write(text);
        }
        Add(label, bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
    }

    /// <summary>The label is for people only; another one gives the same key.</summary>
    public void AddUnlabelled(string label, ReadOnlySpan<byte> value)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(value, hash);
        var fact = Fact.Of(label, hash);
        AddMany(hash, 1, () => [fact]);
    }

    /// <summary>Many facts, of which <paramref name="hash"/> is the digest.</summary>
    public void AddMany(ReadOnlySpan<byte> hash, int count, Func<IEnumerable<Fact>> facts)
    {
        Count += count;
        _hash.AppendData(hash);
        _facts.Add(facts);
    }

    /// <summary>The digest of all facts in their order.</summary>
    public Digest ToDigest() => Digest.FromHash(DigestAlgorithm.Sha256, _hash.GetCurrentHash());

    public void Dispose() => _hash.Dispose();
}

/// <param name="Short">The first bytes of the value's hash: enough to see a change.</param>
internal readonly record struct Fact(string Label, ulong Short)
{
    public static Fact Of(string label, ReadOnlySpan<byte> hash) => new(label, BinaryPrimitives.ReadUInt64LittleEndian(hash));
}
