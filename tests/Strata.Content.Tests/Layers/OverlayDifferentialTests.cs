using CsCheck;
using Strata.Content.Layers;
using Strata.Content.Tar;
using Strata.Linux;
using Strata.Oci;
using Strata.Testing;

namespace Strata.Content.Tests.Layers;

/// <summary>What is computed from indexes is what the kernel shows.</summary>
public sealed class OverlayDifferentialTests
{
    /// <summary>More are tried with STRATA_DIFFERENTIAL=5000.</summary>
    private static int Iterations => int.Parse(Environment.GetEnvironmentVariable("STRATA_DIFFERENTIAL") ?? "60");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_merged_tree_of_any_stack_is_what_an_overlay_mount_of_it_shows(bool indexed)
    {
        Privileges.NeedRoot();
        RandomLayer.Stack.Sample(
            layers =>
            {
                using var stack = new OverlayStack();
                foreach (var headers in layers)
                {
                    stack.Add(RandomLayer.Tar(headers), indexed);
                }
                stack.Mount(writable: false);
                var expected = OverlayStack.Expected(stack.Tree);
                Assert.Equal(stack.Shown(), expected);
                AssertFindAgrees(stack.Tree);
            },
            iter: Iterations, threads: 1, print: Print);
    }

    [Fact]
    public void The_layer_of_any_changes_in_a_mount_makes_the_tree_that_the_mount_showed()
    {
        Privileges.NeedRoot();
        Gen.Select(RandomLayer.Stack, RandomChange.Changes).Sample(
            (layers, changes) =>
            {
                using var stack = new OverlayStack();
                foreach (var headers in layers)
                {
                    stack.Add(RandomLayer.Tar(headers));
                }
                stack.Mount(writable: true);
                foreach (var change in changes)
                {
                    change.Apply(stack.Root);
                }
                var shown = stack.Shown();
                stack.Unmount();

                var tar = new MemoryStream();
                using var builder = new LayerBuilder(tar, null);
                UpperDirectory.WriteLayer(stack.Upper, stack.Tree, builder, new UpperOptions(), CancellationToken.None);
                var index = builder.Complete();
                Assert.Equal(shown, OverlayStack.Expected(MergedTree.Of([.. stack.Tree.Layers, index])));

                stack.Add(tar.ToArray());
                stack.Mount(writable: false);
                Assert.Equal(shown, stack.Shown());
            },
            iter: Iterations, threads: 1, print: t => $"{Print(t.Item1)}\n{string.Join('\n', t.Item2.AsEnumerable())}");
    }

    private static void AssertFindAgrees(MergedTree tree)
    {
        var walked = tree.Walk(ImagePath.Root).ToDictionary(e => e.Path);
        var names = RandomLayer.Names;
        var paths = names.Concat(from x in names from y in names select $"{x}/{y}").Concat(from x in names from y in names from z in names select $"{x}/{y}/{z}");
        foreach (var path in paths.Select(ImagePath.Parse))
        {
            var found = tree.Find(path);
            Assert.Equal(walked.TryGetValue(path, out var seen), found is not null);
            if (found is { } entry)
            {
                Assert.Equal((seen.Layer, seen.Position), (entry.Layer, entry.Position));
            }
            var below = walked.Values.Where(e => !e.Path.IsRoot && e.Path.Parent == path).Select(e => e.Path);
            Assert.Equal(below.Order(Sample.InOrder), tree.Children(path).Select(e => e.Path));
        }
    }

    private static string Print(TarHeader[][] layers) => string.Join(
        "\n--\n", layers.Select(headers => string.Join('\n', headers.Select(h => $"{(char)h.Type} {System.Text.Encoding.UTF8.GetString(h.Name)} {System.Text.Encoding.UTF8.GetString(h.LinkName)} {h.UserId}"))));
}
