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
        var action = Gen.Select(Gen.Int[0, 2], Gen.Int[0, 1], Gen.Int[0, 2]);
        var run = 0;
        Gen.Select(action.Array[1, 25], Gen.Const(0)).Sample(
            (actions, _) =>
            {
                var prefix = $"r{Interlocked.Increment(ref run)}-";
                // What a name came to mean, one after the other; null where it was removed.
                var model = names.ToDictionary(name => name, _ => new List<Digest?>());
                foreach (var (what, nameNumber, imageNumber) in actions)
                {
                    var (meanings, name) = (model[names[nameNumber]], Name(prefix + names[nameNumber]));
                    Digest? present = meanings is [.., var last] ? last : null;
                    Digest? next = what == 2 ? null : images[imageNumber];
                    if (next is { } image)
                    {
                        Assert.True(Store.Names.Move(name, image, null));
                    }
                    else
                    {
                        Assert.Equal(present is not null, Store.Names.Remove(name));
                    }
                    if (next != present)
                    {
                        meanings.Add(next);
                    }
                    Assert.Equal(next, Store.Names.Find(name)?.Image);
                    Assert.Equal(meanings.AsEnumerable().Reverse(), Store.Names.History(name).Select(change => change.To?.Image));
                }
            },
            iter: 100,
            threads: 1);
    }
}
