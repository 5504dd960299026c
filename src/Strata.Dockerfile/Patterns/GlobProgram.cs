using System.Buffers;
using System.Collections.Immutable;
using System.Text;

namespace Strata.Dockerfile;

/// <summary>
/// A compiled pattern over UTF-8. It keeps the set of places reached so far instead of trying one after the other,
/// so its time is bounded by pattern length × path length whatever the pattern.
/// </summary>
internal sealed class GlobProgram
{
    private const int StackWords = 16;

    private readonly ImmutableArray<GlobToken> _tokens;
    private readonly byte[] _first;
    private readonly byte[] _last;
    private readonly bool _oneStar;

    public GlobProgram(ImmutableArray<GlobToken> tokens)
    {
        _tokens = tokens;
        _first = !tokens.IsEmpty && tokens[0].Kind == GlobTokenKind.Literal ? tokens[0].Bytes : [];
        _last = tokens.Length > 1 && tokens[^1].Kind == GlobTokenKind.Literal ? tokens[^1].Bytes : [];
        int literals = (_first.Length > 0 ? 1 : 0) + (_last.Length > 0 ? 1 : 0);
        _oneStar = tokens.Length == literals + 1 && tokens.Count(token => token.Kind == GlobTokenKind.Star) == 1;
    }

    public ImmutableArray<GlobToken> Tokens => _tokens;

    public bool Matches(ReadOnlySpan<byte> path)
    {
        // Most patterns are settled by their ends.
        if (path.Length < _first.Length + _last.Length || !path.EndsWith(_last) || !path.StartsWith(_first))
        {
            return false;
        }

        if (_oneStar)
        {
            return !path[_first.Length..^_last.Length].Contains((byte)'/');
        }

        int words = (path.Length >> 6) + 1;
        ulong[]? rented = null;
        Span<ulong> places = words <= StackWords
            ? stackalloc ulong[2 * StackWords]
            : rented = ArrayPool<ulong>.Shared.Rent(2 * words);
        bool matches = Walk(path, places[..words], places.Slice(words, words));
        if (rented is not null)
        {
            ArrayPool<ulong>.Shared.Return(rented);
        }

        return matches;
    }

    private bool Walk(ReadOnlySpan<byte> path, Span<ulong> current, Span<ulong> next)
    {
        current.Clear();
        current[0] = 1;
        foreach (GlobToken token in _tokens)
        {
            next.Clear();
            if (!Step(token, path, current, next))
            {
                return false;
            }

            Span<ulong> swap = current;
            current = next;
            next = swap;
        }

        return Has(current, path.Length);
    }

    private static bool Step(GlobToken token, ReadOnlySpan<byte> path, ReadOnlySpan<ulong> current, Span<ulong> next)
    {
        bool any = false;
        bool spreading = false;
        for (int at = 0; at <= path.Length; at++)
        {
            bool here = Has(current, at);
            switch (token.Kind)
            {
                case GlobTokenKind.Literal:
                    if (here && path[at..].StartsWith(token.Bytes))
                    {
                        Set(next, at + token.Bytes.Length, ref any);
                    }

                    break;
                case GlobTokenKind.One or GlobTokenKind.Class:
                    if (here && at < path.Length && Accepts(token, path[at..], out int width))
                    {
                        Set(next, at + width, ref any);
                    }

                    break;
                case GlobTokenKind.Star:
                    spreading |= here;
                    if (spreading)
                    {
                        Set(next, at, ref any);
                        spreading = at < path.Length && path[at] != '/';
                    }

                    break;
                case GlobTokenKind.Everything:
                    spreading |= here;
                    if (spreading)
                    {
                        Set(next, at, ref any);
                    }

                    break;
                default:
                    if (here || (spreading && at > 0 && path[at - 1] == '/'))
                    {
                        Set(next, at, ref any);
                    }

                    spreading |= here;
                    break;
            }
        }

        return any;
    }

    private static bool Accepts(GlobToken token, ReadOnlySpan<byte> path, out int width)
    {
        // A byte that is not UTF-8 is one character.
        if (Rune.DecodeFromUtf8(path, out Rune rune, out width) != OperationStatus.Done)
        {
            width = 1;
        }

        return token.Kind == GlobTokenKind.One ? rune.Value != '/' : token.Contains(rune);
    }

    private static bool Has(ReadOnlySpan<ulong> places, int at) => (places[at >> 6] & (1UL << (at & 63))) != 0;

    private static void Set(Span<ulong> places, int at, ref bool any)
    {
        places[at >> 6] |= 1UL << (at & 63);
        any = true;
    }
}
