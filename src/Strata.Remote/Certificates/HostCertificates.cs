using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Strata.Remote.Certificates;

/// <summary>What was put down for one registry: authorities that vouch for it besides the machine's, and who the client is there.</summary>
internal sealed record HostCertificates(X509Certificate2Collection Authorities, X509Certificate2Collection Clients)
{
    public static HostCertificates None { get; } = new([], []);

    public bool IsEmpty => Authorities.Count == 0 && Clients.Count == 0;

    /// <summary>Whether one of the authorities signed a certificate that the machine itself does not trust; its name has to be right all the same.</summary>
    public bool Vouch(X509Certificate? certificate, X509Chain? presented, SslPolicyErrors errors)
    {
        if (errors != SslPolicyErrors.RemoteCertificateChainErrors || certificate is not X509Certificate2 leaf)
        {
            return false;
        }
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(Authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        // The server's own authentication is what a certificate of a registry is for.
        chain.ChainPolicy.ApplicationPolicy.Add(new System.Security.Cryptography.Oid("1.3.6.1.5.5.7.3.1"));
        foreach (var element in presented?.ChainElements.Skip(1) ?? [])
        {
            chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        }
        return chain.Build(leaf);
    }
}
