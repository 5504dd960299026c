using Strata.Oci;

namespace Strata.Cli.Verbs;

/// <summary>What is to be known where a manifest of docker's kind, which stays what it is, went into an OCI layout.</summary>
internal static class DockerManifestNote
{
    public static void Write(CliSession session, params IReadOnlyList<Descriptor> written)
    {
        if (written.Any(manifest => manifest.MediaType is MediaTypes.DockerManifest or MediaTypes.DockerManifestList))
        {
            session.Error.Line(
                "note: the manifest is of docker's kind and was kept to the byte; skopeo 1.9 and others do not find such an image in an OCI layout. "
                + "--compression gzip, zstd or none makes it OCI's, under another digest");
        }
    }
}
