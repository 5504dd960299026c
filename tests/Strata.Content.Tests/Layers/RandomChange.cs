using System.Text;
using CsCheck;
using Strata.Linux;

namespace Strata.Content.Tests.Layers;

/// <summary>Something a program may do to a tree; what the tree does not allow is passed over.</summary>
internal sealed record RandomChange(int Kind, string Path, string Other, int Variant)
{
    internal static readonly Gen<RandomChange[]> Changes =
        Gen.Select(Gen.Int[0, 15], RandomLayer.Path, RandomLayer.Path, Gen.Int[0, 3], (kind, path, other, variant) => new RandomChange(kind, path, other, variant)).Array[0, 8];

    internal void Apply(string root)
    {
        using var tree = RootedDirectory.Open(root);
        var (path, other) = (Encoding.UTF8.GetBytes(Path), Encoding.UTF8.GetBytes(Other));
        try
        {
            switch (Kind)
            {
                case 0 or 1:
                    tree.RemoveTree(path);
                    break;
                case 2 or 3:
                    tree.MakeDirectory(path, 0x1ED);
                    break;
                case 4:
                    tree.RemoveTree(path);
                    tree.MakeDirectory(path, 0x1ED);
                    break;
                case 5 or 6:
                    tree.RemoveTree(path);
                    using (var file = tree.CreateFile(path, 0x1A4))
                    {
                        RandomAccess.Write(file, Encoding.UTF8.GetBytes("content " + Variant), 0);
                    }
                    break;
                case 7:
                    tree.MakeSymbolicLink(other, path);
                    break;
                case 8:
                    tree.MakeHardLink(other, path);
                    break;
                case 9:
                    tree.Rename(other, path);
                    break;
                case 10:
                    tree.SetMode(path, tree.Status(path)!.Value.Mode);
                    break;
                case 11:
                    tree.SetMode(path, 0x1C0u + (uint)Variant);
                    break;
                case 12:
                    tree.SetOwner(path, (uint)Variant, 0);
                    break;
                case 13:
                    tree.SetXattr(path, "user.test", [(byte)Variant]);
                    break;
                case 14:
                    tree.SetTimes(path, new FileTime(1_600_000_000 + Variant, 5));
                    break;
                case 15:
                    tree.MakeNode(path, Variant == 0 ? FileKind.Fifo : FileKind.CharacterDevice, 0x180, 7, (uint)Variant);
                    break;
            }
        }
        catch (Exception e) when (e is LinuxException or InvalidOperationException)
        {
        }
    }
}
