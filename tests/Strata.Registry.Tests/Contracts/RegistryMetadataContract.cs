using Strata.Oci;
using Strata.Registry.Storage;

namespace Strata.Registry.Tests.Contracts;

/// <summary>What every storage of facts promises. A storage's tests derive from this.</summary>
public abstract class RegistryMetadataContract
{
    private static readonly RepositoryName Repository = RepositoryName.Parse("team/app");
    private static readonly RepositoryName Other = RepositoryName.Parse("other");
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddYears(56);
    private static readonly Digest One = Digest.Of("one"u8);
    private static readonly Digest Two = Digest.Of("two"u8);
    private static readonly Tag Latest = Tag.Latest;

    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>An empty storage that lives as long as the test.</summary>
    protected abstract Task<IRegistryMetadata> CreateAsync();

    [Fact]
    public async Task An_upload_advances_and_only_from_its_latest_state()
    {
        var metadata = await CreateAsync();
        var begun = await BeginAsync(metadata);
        var advanced = await metadata.AdvanceUploadAsync(new AdvanceUpload(begun, 10, new byte[] { 1, 2 }, Now.AddHours(1)), Stop);
        Assert.NotNull(advanced);
        Assert.Null(await metadata.AdvanceUploadAsync(new AdvanceUpload(begun, 20, default, Now), Stop));
        Assert.False(await metadata.CancelUploadAsync(begun, Stop));
        Assert.Equal(CommitUploadResult.Superseded, await metadata.CommitUploadAsync(new CommitUpload(begun, One, 10, Now), Stop));

        var found = await metadata.FindUploadAsync(begun.Id, Stop);
        Assert.NotNull(found);
        Assert.Equal((10, Repository, "me", begun.Place, DigestAlgorithm.Sha512), (found.Offset, found.Repository, found.Owner, found.Place, found.Algorithm));
        Assert.Equal([1, 2], found.Parts.ToArray());
        Assert.Equal(CommitUploadResult.Committed, await metadata.CommitUploadAsync(new CommitUpload(advanced, One, 10, Now), Stop));
        Assert.Null(await metadata.FindUploadAsync(begun.Id, Stop));
        Assert.Equal(new BlobLocation(begun.Place, 10), await metadata.FindBlobAsync(Repository, One, Stop));
        Assert.Null(await metadata.FindBlobAsync(Other, One, Stop));
        Assert.Empty(await metadata.DoomedPlacesAsync(10, Stop));
    }

    [Fact]
    public async Task Of_many_commits_of_one_digest_one_place_stays_and_the_others_are_doomed()
    {
        var metadata = await CreateAsync();
        var uploads = new List<UploadSession>();
        for (var i = 0; i < 8; i++)
        {
            uploads.Add(await BeginAsync(metadata));
        }
        var results = await Task.WhenAll(uploads.Select(u => metadata.CommitUploadAsync(new CommitUpload(u, One, 3, Now), Stop).AsTask()));
        Assert.Equal(1, results.Count(r => r == CommitUploadResult.Committed));
        Assert.Equal(7, results.Count(r => r == CommitUploadResult.AlreadyThere));
        var kept = (await metadata.FindBlobAsync(Repository, One, Stop))!.Place;
        var doomed = await metadata.DoomedPlacesAsync(100, Stop);
        Assert.Equal(uploads.Select(u => u.Place).Where(p => p != kept).Select(p => p.ToString()).Order(), doomed.Select(p => p.ToString()).Order());
        await metadata.ForgetPlacesAsync(doomed, Stop);
        Assert.Empty(await metadata.DoomedPlacesAsync(100, Stop));
    }

    [Fact]
    public async Task Uploads_end_when_their_time_is_over()
    {
        var metadata = await CreateAsync();
        var soon = await BeginAsync(metadata, Now.AddHours(1));
        var later = await BeginAsync(metadata, Now.AddHours(2));
        Assert.Empty(await metadata.ExpiredUploadsAsync(Now, 10, Stop));
        Assert.Equal(soon.Id, Assert.Single(await metadata.ExpiredUploadsAsync(Now.AddHours(1), 10, Stop)).Id);
        Assert.Equal([soon.Id, later.Id], (await metadata.ExpiredUploadsAsync(Now.AddHours(3), 10, Stop)).Select(u => u.Id));
        Assert.True(await metadata.CancelUploadAsync(soon, Stop));
        Assert.Equal(soon.Place, Assert.Single(await metadata.DoomedPlacesAsync(10, Stop)));
    }

    [Fact]
    public async Task A_blob_is_shown_where_it_was_linked_and_doomed_with_its_last_link()
    {
        var metadata = await CreateAsync();
        var place = await CommitAsync(metadata, One);
        Assert.False(await metadata.MountBlobAsync(new MountBlob(Repository, Other, One, "me", Now), Stop));
        Assert.True(await metadata.MountBlobAsync(new MountBlob(Other, Repository, One, "me", Now), Stop));
        Assert.True(await metadata.DeleteBlobAsync(Repository, One, Stop));
        Assert.False(await metadata.DeleteBlobAsync(Repository, One, Stop));
        Assert.Null(await metadata.FindBlobAsync(Repository, One, Stop));
        Assert.NotNull(await metadata.FindBlobAsync(Other, One, Stop));
        Assert.Empty(await metadata.DoomedPlacesAsync(10, Stop));
        Assert.True(await metadata.DeleteBlobAsync(Other, One, Stop));
        Assert.Equal(place, Assert.Single(await metadata.DoomedPlacesAsync(10, Stop)));
        // Back again at another place.
        Assert.NotEqual(place, await CommitAsync(metadata, One));
    }

    [Fact]
    public async Task A_manifest_without_all_it_needs_stores_nothing()
    {
        var metadata = await CreateAsync();
        await CommitAsync(metadata, One);
        var missing = Digest.Of("missing"u8);
        var result = await metadata.PutManifestAsync(Put(Two, "x") with { Blobs = [One, missing], Children = [One, Two] }, Stop);
        Assert.Equal([missing, Two], Assert.IsType<PutManifestResult.Lacking>(result).Digests);
        Assert.Null(await metadata.FindManifestAsync(Repository, Latest, Stop));
        Assert.IsType<PutManifestResult.Lacking>(await metadata.PutManifestAsync(Put(Two, "x") with { Repository = Other, Blobs = [One] }, Stop));
        Assert.Equal([Repository.ToString()], await metadata.ListRepositoriesAsync(null, 10, Stop));
        Assert.IsType<PutManifestResult.Stored>(await metadata.PutManifestAsync(Put(Two, "x") with { Blobs = [One], Children = [One] }, Stop));
    }

    [Fact]
    public async Task A_manifest_keeps_its_bytes_and_its_id_for_ever()
    {
        var metadata = await CreateAsync();
        await metadata.PutManifestAsync(Put(One, "bytes"), Stop);
        var first = await metadata.FindManifestAsync(Repository, One, Stop);
        Assert.Equal((One, "type/one", 5L), (first!.Digest, first.MediaType, first.Size));
        Assert.Equal("bytes"u8.ToArray(), await metadata.ReadManifestAsync(first.Id, Stop));
        await metadata.PutManifestAsync(Put(One, "bytes") with { MediaType = "type/two" }, Stop);
        Assert.Equal(first with { MediaType = "type/two" }, await metadata.FindManifestAsync(Repository, Latest, Stop));
        Assert.True(await metadata.DeleteManifestAsync(new DeleteManifest(Repository, One, "me", Now), Stop));
        Assert.Null(await metadata.ReadManifestAsync(first.Id, Stop));
        await metadata.PutManifestAsync(Put(Two, "other"), Stop);
        Assert.True((await metadata.FindManifestAsync(Repository, Two, Stop))!.Id > first.Id);
    }

    [Fact]
    public async Task Tags_move_and_every_move_is_remembered()
    {
        var metadata = await CreateAsync();
        await metadata.PutManifestAsync(Put(One, "1"), Stop);
        await metadata.PutManifestAsync(Put(Two, "2") with { Tags = [] }, Stop);
        Assert.Equal(new MoveTagResult.Moved(One, Two), await metadata.MoveTagAsync(new MoveTag(Repository, Latest, Two, "you", Now), Stop));
        Assert.Equal(new MoveTagResult.Moved(Two, One), await metadata.MoveTagAsync(new MoveTag(Repository, Latest, null, "me", Now), Stop));
        Assert.Equal(new MoveTagResult.ManifestUnknown(Digest.Of("x"u8)), await metadata.MoveTagAsync(new MoveTag(Repository, Latest, Digest.Of("x"u8), "me", Now), Stop));
        Assert.IsType<MoveTagResult.NoEarlier>(await metadata.MoveTagAsync(new MoveTag(Repository, Tag.Parse("new"), null, "me", Now), Stop));
        Assert.IsType<MoveTagResult.NoEarlier>(await metadata.MoveTagAsync(new MoveTag(Other, Latest, null, "me", Now), Stop));
        Assert.True(await metadata.DeleteTagAsync(new DeleteTag(Repository, Latest, "me", Now), Stop));
        Assert.False(await metadata.DeleteTagAsync(new DeleteTag(Repository, Latest, "me", Now), Stop));
        var history = await metadata.TagHistoryAsync(Repository, Latest, long.MaxValue, 10, Stop);
        Assert.Equal([(One, null), (Two, One), (One, Two), (null, One)], history.Select(c => (c.From, c.To)));
        Assert.Equal(("you", Now), (history[2].By, history[2].At));
        Assert.Equal(2, (await metadata.TagHistoryAsync(Repository, Latest, history[1].Id, 10, Stop)).Count);
    }

    // A letter gives the tag to a manifest, '-' removes it, '<' rolls back, '<A' rolls back to A; then what it means, '!' for refused.
    [Theory]
    [InlineData("A B < =A < =!")]
    [InlineData("A B C < =B < =A < =!")]
    [InlineData("A B < =A C < =A < =!")]
    [InlineData("A B - < =B < =A < =!")]
    [InlineData("A - < =A < =!")]
    [InlineData("A B A < =B < =A < =!")]
    [InlineData("A B C <A =A < =! B < =A")]
    [InlineData("A - A < =!")]
    [InlineData("A B A <B =B < =A < =!")]
    [InlineData("A B < =A - < =A < =!")]
    [InlineData("A B C <C =C < =B < =A")]
    [InlineData("A <C =C < =A < =!")]
    public async Task A_rollback_goes_to_what_the_tag_meant_before_the_newest_change_that_was_not_undone(string story)
    {
        var metadata = await CreateAsync();
        var digests = "ABC".ToDictionary(letter => letter, letter => Digest.Of([(byte)letter]));
        foreach (var (letter, digest) in digests)
        {
            await metadata.PutManifestAsync(Put(digest, letter.ToString()) with { Tags = [] }, Stop);
        }
        MoveTagResult? rolledBack = null;
        foreach (var step in story.Split(' '))
        {
            switch (step[0])
            {
                case '-':
                    Assert.True(await metadata.DeleteTagAsync(new DeleteTag(Repository, Latest, "me", Now), Stop));
                    break;
                case '<':
                    rolledBack = await metadata.MoveTagAsync(new MoveTag(Repository, Latest, step.Length > 1 ? digests[step[1]] : null, "me", Now), Stop);
                    break;
                case '=' when step[1] == '!':
                    Assert.IsType<MoveTagResult.NoEarlier>(rolledBack);
                    break;
                case '=':
                    Assert.Equal(digests[step[1]], Assert.IsType<MoveTagResult.Moved>(rolledBack).To);
                    Assert.Equal(digests[step[1]], (await metadata.FindManifestAsync(Repository, Latest, Stop))!.Digest);
                    break;
                default:
                    await metadata.PutManifestAsync(Put(digests[step[0]], step) with { Tags = [Latest] }, Stop);
                    break;
            }
        }
    }

    [Fact]
    public async Task Lists_go_on_after_the_last_entry_seen()
    {
        var metadata = await CreateAsync();
        Assert.Null(await metadata.ListTagsAsync(Repository, null, 10, Stop));
        await metadata.PutManifestAsync(Put(One, "1") with { Tags = [.. "b a C 1 _".Split(' ').Select(Tag.Parse)] }, Stop);
        Assert.Equal(["1", "C", "_", "a", "b"], await metadata.ListTagsAsync(Repository, null, 10, Stop));
        Assert.Equal(["_", "a"], await metadata.ListTagsAsync(Repository, "C", 2, Stop));
        Assert.Equal(["a", "b"], await metadata.ListTagsAsync(Repository, "`", 10, Stop));
        await metadata.PutManifestAsync(Put(One, "1") with { Repository = Other }, Stop);
        Assert.Equal(["other", "team/app"], await metadata.ListRepositoriesAsync(null, 10, Stop));
        Assert.Equal(["team/app"], await metadata.ListRepositoriesAsync("other", 10, Stop));
    }

    [Fact]
    public async Task Referrers_are_those_of_their_repository_and_type()
    {
        var metadata = await CreateAsync();
        var subject = Digest.Of("subject"u8);
        await metadata.PutManifestAsync(Put(One, "1") with { Subject = subject, ArtifactType = "a/b", Annotations = "{\"x\":\"y\"}" }, Stop);
        await metadata.PutManifestAsync(Put(Two, "2") with { Subject = subject }, Stop);
        await metadata.PutManifestAsync(Put(One, "1") with { Repository = Other, Subject = subject }, Stop);
        var all = await metadata.ListReferrersAsync(Repository, subject, null, 0, 10, Stop);
        Assert.Equal([One, Two], all.Select(r => r.Manifest.Digest));
        Assert.Equal(("a/b", "{\"x\":\"y\"}"), (all[0].ArtifactType, all[0].Annotations));
        Assert.Equal([Two], (await metadata.ListReferrersAsync(Repository, subject, null, all[0].Manifest.Id, 10, Stop)).Select(r => r.Manifest.Digest));
        Assert.Equal([One], (await metadata.ListReferrersAsync(Repository, subject, "a/b", 0, 10, Stop)).Select(r => r.Manifest.Digest));
        Assert.Empty(await metadata.ListReferrersAsync(Repository, One, null, 0, 10, Stop));
    }

    private static PutManifest Put(Digest digest, string content) => new()
    {
        Repository = Repository,
        Digest = digest,
        MediaType = "type/one",
        Content = System.Text.Encoding.UTF8.GetBytes(content),
        Tags = [Latest],
        By = "me",
        At = Now,
    };

    private static ValueTask<UploadSession> BeginAsync(IRegistryMetadata metadata, DateTimeOffset? expires = null) => metadata.BeginUploadAsync(
        new BeginUpload
        {
            Id = UploadId.New(),
            Repository = Repository,
            Place = BlobPlace.New(),
            Algorithm = DigestAlgorithm.Sha512,
            Owner = "me",
            Resumable = true,
            ExpiresAt = expires ?? Now.AddHours(1),
        },
        Stop);

    private static async Task<BlobPlace> CommitAsync(IRegistryMetadata metadata, Digest digest)
    {
        var upload = await BeginAsync(metadata);
        Assert.Equal(CommitUploadResult.Committed, await metadata.CommitUploadAsync(new CommitUpload(upload, digest, 3, Now), Stop));
        return upload.Place;
    }
}
