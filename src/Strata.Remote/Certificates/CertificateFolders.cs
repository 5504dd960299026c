using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Strata.Remote.Certificates;

/// <summary>
/// Docker's and podman's certs.d: below one of <paramref name="roots"/> a folder <c>host[:port]</c>, spelled as in references, with
/// authorities (*.crt) and client certificates (*.cert, each with its *.key). The first root that has the folder counts alone.
/// </summary>
public sealed class CertificateFolders(IReadOnlyList<string> roots)
{
    private const long MaxFile = 4 * 1024 * 1024;

    public static CertificateFolders None { get; } = new([]);

    internal HostCertificates Read(string registry)
    {
        // What is no host could lead out of the folder.
        if (registry.Length == 0 || registry.Contains('/', StringComparison.Ordinal) || registry.StartsWith('.'))
        {
            return HostCertificates.None;
        }
        return roots.Select(root => Path.Combine(root, registry)).FirstOrDefault(Directory.Exists) is { } folder ? ReadFolder(folder) : HostCertificates.None;
    }

    private static HostCertificates ReadFolder(string folder)
    {
        var (authorities, clients) = (new X509Certificate2Collection(), new X509Certificate2Collection());
        var file = folder;
        try
        {
            foreach (var path in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal))
            {
                file = path;
                switch (Path.GetExtension(path))
                {
                    case ".crt":
                        authorities.ImportFromPem(ReadText(path));
                        break;
                    case ".cert":
                        clients.Add(ReadClient(path));
                        break;
                }
            }
            return new HostCertificates(authorities, clients);
        }
        catch (CryptographicException e)
        {
            throw new RegistryConfigurationException($"{file} cannot be read as a certificate in PEM form: {e.Message.TrimEnd('.')}.", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new RegistryConfigurationException($"{file} may not be read by this user.", e);
        }
    }

    private static X509Certificate2 ReadClient(string path)
    {
        var key = Path.ChangeExtension(path, ".key");
        return File.Exists(key)
            ? X509Certificate2.CreateFromPem(ReadText(path), ReadText(key))
            : throw new RegistryConfigurationException($"{path} is a client certificate without its key; put that beside it as {Path.GetFileName(key)}.");
    }

    private static string ReadText(string path) => new FileInfo(path).Length <= MaxFile
        ? File.ReadAllText(path)
        : throw new RegistryConfigurationException($"{path} is too large to be a certificate.");
}
