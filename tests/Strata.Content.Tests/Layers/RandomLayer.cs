using System.Text;
using CsCheck;
using Strata.Content.Layers;
using Strata.Content.Tar;
using Strata.Linux;

namespace Strata.Content.Tests.Layers;

/// <summary>Small random layers over few names, so that they meet.</summary>
internal static class RandomLayer
{
    internal static readonly string[] Names = ["a", "b", "a-", "é"];

    private static readonly Gen<string> Name = Gen.Int[0, 3].Select(number => Names[number]);

    internal static readonly Gen<string> Path = Name.Array[1, 3].Select(names => string.Join('/', names));

    private static readonly Gen<TarHeader> Header = Gen.Select(Path, Gen.Int[0, 15], Gen.Int[0, 3], Path, (path, kind, variant, other) => Of(kind, path, variant, other));

    internal static readonly Gen<TarHeader[]> Headers = Header.Array[0, 9];

    internal static readonly Gen<TarHeader[][]> Stack = Headers.Array[1, 4];

    /// <summary>The tar of those headers that make sense in their order.</summary>
    internal static byte[] Tar(TarHeader[] headers)
    {
        var kept = new List<TarHeader>();
        foreach (var header in headers)
        {
            kept.Add(header);
            try
            {
                Sample.Index(Sample.Archive(kept));
            }
            catch (InvalidLayerException)
            {
                kept.RemoveAt(kept.Count - 1);
            }
        }
        return Sample.Archive(kept);
    }

    private static TarHeader Of(int kind, string path, int variant, string other)
    {
        var slash = path.LastIndexOf('/');
        var (parent, name) = (path[..(slash + 1)], path[(slash + 1)..]);
        var header = kind switch
        {
            0 or 1 or 2 => Sample.Header(path + "/", TarType.Directory),
            3 => Sample.Header($"{parent}.wh.{name}"),
            4 => Sample.Header($"{parent}.wh.{name}"),
            5 => Sample.Header($"{parent}.wh..wh..opq"),
            6 => Sample.Header($"{path}/.wh..wh..opq"),
            7 => Sample.Header(path, TarType.SymbolicLink, variant == 0 ? "/" + other : other),
            8 => Sample.Header(path, TarType.HardLink, other),
            9 => Sample.Header(path, variant == 0 ? TarType.Fifo : TarType.CharacterDevice),
            _ => Sample.Header(path, size: variant * 300),
        };
        return header with
        {
            Mode = header.Type == TarType.SymbolicLink ? 0x1FF : 0x1C0 + (variant * 9) + (variant == 3 ? 0x400 : 0),
            UserId = variant,
            Modified = new FileTime(1_600_000_000 + variant, 0),
            DeviceMajor = header.Type == TarType.CharacterDevice ? 5 : 0,
            DeviceMinor = header.Type == TarType.CharacterDevice ? variant : 0,
            Xattrs = variant == 2 && header.Type is TarType.Regular or TarType.Directory && !Encoding.UTF8.GetString(header.Name).Contains(".wh.", StringComparison.Ordinal)
                ? [new("user.test", [0, 255, (byte)kind])]
                : [],
        };
    }
}
