using System.Net;
using Strata.Remote.Transport;

namespace Strata.Remote.Tests;

public sealed class EnvironmentProxyTests
{
    [Theory]
    [InlineData("https://registry.example/v2/", "http://secure.example:3128/")]
    [InlineData("http://registry.example/v2/", "http://plain.example:8080/")]
    [InlineData("https://localhost:5000/v2/", null)]
    [InlineData("http://127.0.0.1:5000/v2/", null)]
    [InlineData("https://inner.example/", null)]
    [InlineData("https://a.inner.example/", null)]
    [InlineData("https://winner.example/", "http://secure.example:3128/")]
    [InlineData("https://below.example/", "http://secure.example:3128/")]
    [InlineData("https://a.below.example/", null)]
    [InlineData("https://10.1.2.3/", null)]
    [InlineData("https://11.1.2.3/", "http://secure.example:3128/")]
    [InlineData("https://192.168.7.7/", null)]
    [InlineData("https://[fd00::7]/", null)]
    [InlineData("https://port.example:5000/", null)]
    [InlineData("https://port.example/", "http://secure.example:3128/")]
    public void Proxies_are_as_the_environment_says(string url, string? expected)
    {
        var proxy = Of(
            ("HTTPS_PROXY", "secure.example:3128"), ("http_proxy", "http://plain.example:8080"),
            ("NO_PROXY", "inner.example, .below.example,10.0.0.0/8,192.168.7.7,fd00::/8,port.example:5000"));
        Assert.Equal(expected, proxy.GetProxy(new Uri(url))?.AbsoluteUri);
        Assert.Equal(expected is null, proxy.IsBypassed(new Uri(url)));
    }

    [Fact]
    public void A_star_means_no_proxy_at_all() =>
        Assert.Null(Of(("HTTPS_PROXY", "http://p.example"), ("no_proxy", "*")).GetProxy(new Uri("https://a.example/")));

    [Fact]
    public void One_proxy_may_be_for_everything()
    {
        var proxy = Of(("ALL_PROXY", "socks5h://user:p%40ss@p.example:1080"));
        Assert.Equal("socks5", proxy.GetProxy(new Uri("https://a.example/"))?.Scheme);
        var login = proxy.Credentials!.GetCredential(new Uri("socks5://p.example:1080"), "Basic");
        Assert.Equal(("user", "p@ss"), (login?.UserName, login?.Password));
        Assert.Null(proxy.Credentials.GetCredential(new Uri("http://registry.example"), "Basic"));
    }

    [Fact]
    public void A_header_of_a_web_request_sets_no_proxy() =>
        Assert.Null(Of(("HTTP_PROXY", "http://p.example"), ("REQUEST_METHOD", "GET")).GetProxy(new Uri("http://a.example/")));

    [Fact]
    public void What_is_no_proxy_is_said() => Assert.Throws<RegistryConfigurationException>(() => Of(("HTTPS_PROXY", "ftp://p.example")));

    private static IWebProxy Of(params (string Name, string Value)[] variables) =>
        new EnvironmentProxy(name => variables.FirstOrDefault(v => v.Name == name).Value);
}
