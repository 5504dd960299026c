using CsCheck;
using Strata.Oci;

namespace Strata.Store.Tests;

public sealed class NameStoreTests : StoreTest
{
    [Fact]
    public async Task A_name_keeps_its_history_with_who_and_when()
    {
        var (one, two) = (await AddImage(Store, "1"), await AddImage(Store, "2"));
        Store.Names.Move(Name("app"), one, null);
        Clock.Advance(TimeSpan.FromHours(1));
        Store.Names.Move(Name("app:latest"), two, null);
        Store.Names.Move(Name("app"), two, null);
        Store.Names.Remove(Name("app"));
        var history = Store.Names.History(Name("app"));
        Assert.Equal([NameAction.Removed, NameAction.Moved, NameAction.Moved], history.Select(e => e.Action));
        Assert.Equal([null, two, one], history.Select(e => e.To?.Image));
        Assert.Equal([two, one, null], history.Select(e => e.From?.Image));
        Assert.All(history, e => Assert.Equal("ann", e.Who));
        Assert.Equal(TimeSpan.FromHours(1), history[1].At - history[2].At);
    }

    [Fact]
    public async Task Rolling_back_twice_goes_back_two_changes_and_a_removed_name_comes_back()
    {
        var images = new List<Digest>();
        foreach (var mark in new[] { "1", "2", "3" })
        {
            images.Add(await AddImage(Store, mark, "app"));
        }
        Assert.IsType<RollbackResult.RolledBack>(Store.Names.Rollback(Name("app")));
        Assert.Equal(images[1], Store.Names.Find(Name("app"))!.Image);
        Assert.IsType<RollbackResult.RolledBack>(Store.Names.Rollback(Name("app")));
        Assert.Equal(images[0], Store.Names.Find(Name("app"))!.Image);
        Assert.IsType<RollbackResult.NothingEarlier>(Store.Names.Rollback(Name("app")));
        Assert.IsType<RollbackResult.RolledBack>(Store.Names.RollbackTo(Name("app"), images[2]));
        Assert.Equal(images[2], Store.Names.Find(Name("app"))!.Image);
        Store.Names.Remove(Name("app"));
        Assert.IsType<RollbackResult.RolledBack>(Store.Names.Rollback(Name("app")));
        Assert.Equal(images[2], Store.Names.Find(Name("app"))!.Image);
    }

    [Fact]
    public async Task Rolling_back_to_an_image_that_is_gone_says_so()
    {
        var one = await AddImage(Store, "1", "app");
        await AddImage(Store, "2", "app");
        await Store.Maintenance.RemoveImageAsync(one.ToString(), force: false, Stop);
        Assert.Equal(new RollbackResult.Gone(one), Store.Names.Rollback(Name("app")));
        Assert.IsType<RollbackResult.NothingEarlier>(Store.Names.Rollback(Name("app"), 5));
        Assert.IsType<RollbackResult.NothingEarlier>(Store.Names.RollbackTo(Name("never"), one));
    }

    [Fact]
    public void A_name_of_an_image_that_is_not_here_is_refused() =>
        Assert.False(Store.Names.Move(Name("app"), Digest.Of("none"u8), null));

    [Fact]
    public async Task Any_sequence_of_changes_leaves_what_a_simple_model_says()
    {
        var images = new List<Digest>();
        for (var i = 0; i < 3; i++)
        {
            images.Add(await AddImage(Store, $"{i}"));
        }
        string[] names = ["a:1", "b:1"];
        var action = Gen.Select(Gen.Int[0, 3], Gen.Int[0, 1], Gen.Int[0, 2]);
        var run = 0;
        Gen.Select(action.Array[1, 25], Gen.Const(0)).Sample(
            (actions, _) =>
            {
                var prefix = $"r{Interlocked.Increment(ref run)}-";
                // The images a name stood for, none twice in a row; and whether it stands for the last of them.
                var model = names.ToDictionary(name => name, _ => (Past: new List<Digest>(), Present: false));
                foreach (var (what, nameNumber, imageNumber) in actions)
                {
                    var (text, image) = (names[nameNumber], images[imageNumber]);
                    var ((past, present), name) = (model[text], Name(prefix + text));
                    switch (what)
                    {
                        case 0 or 1:
                            Store.Names.Move(name, image, null);
                            if (past.Count == 0 || past[^1] != image)
                            {
                                past.Add(image);
                            }
                            present = true;
                            break;
                        case 2:
                            Assert.Equal(present, Store.Names.Remove(name));
                            present = false;
                            break;
                        default:
                            var left = present ? past.Count - 1 : past.Count;
                            Assert.Equal(left < 1, Store.Names.Rollback(name) is RollbackResult.NothingEarlier);
                            if (left >= 1)
                            {
                                past.RemoveRange(left, past.Count - left);
                                present = true;
                            }
                            break;
                    }
                    model[text] = (past, present);
                    Assert.Equal(present ? past[^1] : null, Store.Names.Find(name)?.Image);
                }
            },
            iter: 100,
            threads: 1);
    }
}
