using Strata.Host.Certificates;
using Strata.Runtime;

namespace Strata.Host.Tests.Certificates;

public sealed class StepCertificatesTests : HostTest
{
    private const string Inside = "/run/strata/ca-certificates.crt";

    [Fact]
    public void Every_program_is_told_where_the_bundle_is()
    {
        Write("company.pem", "-----BEGIN CERTIFICATE-----\n");
        var certificates = StepCertificates.Of(CertificateTrust.Parse("company.pem"), Machine);
        Assert.Equal(
            [
                "PATH=/bin", $"SSL_CERT_FILE={Inside}", $"NODE_EXTRA_CA_CERTS={Inside}", $"CURL_CA_BUNDLE={Inside}", $"REQUESTS_CA_BUNDLE={Inside}",
                $"PIP_CERT={Inside}", $"GIT_SSL_CAINFO={Inside}", $"AWS_CA_BUNDLE={Inside}",
            ],
            certificates.Complete(["PATH=/bin"]));
        var mount = Assert.IsType<BindMount>(Assert.Single(certificates.Mounts));
        Assert.Equal((Place("company.pem"), Inside, true), (mount.Source, mount.Target, mount.ReadOnly));
    }

    [Fact]
    public void What_the_image_sets_itself_stays()
    {
        Write("company.pem", "");
        var completed = StepCertificates.Of(new CertificateTrust.File("company.pem"), Machine).Complete(["PIP_CERT=/own.pem", "SSL_CERT_FILE="]);
        Assert.Equal(["PIP_CERT=/own.pem", "SSL_CERT_FILE="], completed.Where(variable => variable.StartsWith("PIP_CERT=") || variable.StartsWith("SSL_CERT_FILE=")));
        Assert.Contains($"NODE_EXTRA_CA_CERTS={Inside}", completed);
    }

    [Fact]
    public void With_none_nothing_is_shown_and_nothing_is_set()
    {
        var certificates = StepCertificates.Of(CertificateTrust.Parse("none"), Machine);
        Assert.Empty(certificates.Mounts);
        Assert.Equal(["PATH=/bin"], certificates.Complete(["PATH=/bin"]));
    }

    [Fact]
    public void A_bundle_that_is_not_there_is_refused()
    {
        var error = Assert.Throws<StrataException>(() => StepCertificates.Of(CertificateTrust.Parse("gone.pem"), Machine));
        Assert.Equal($"there is no certificate bundle at {Place("gone.pem")}", error.Message);
        Assert.Equal("--ca-certs takes auto, none, or a file of certificates in PEM form", error.Hint);
    }

    [Fact]
    public void The_machines_bundle_is_the_one_that_the_variable_names()
    {
        Set("SSL_CERT_FILE", Write("bundle.pem", ""));
        Assert.Equal(Place("bundle.pem"), CaBundle.Find(Machine));
    }

}
