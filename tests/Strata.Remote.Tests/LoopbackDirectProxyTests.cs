using System.Net;
using Strata.Remote.Transport;

namespace Strata.Remote.Tests;

public sealed class LoopbackDirectProxyTests
{
    [Theory]
    [InlineData("http://localhost:5000/v2/", true)]
    [InlineData("http://127.0.0.1:5000/v2/", true)]
    [InlineData("https://[::1]/v2/", true)]
    [InlineData("https://registry.example/v2/", false)]
    [InlineData("http://10.0.0.1/v2/", false)]
    public void A_proxy_is_not_asked_about_this_machine(string url, bool isDirect)
    {
        var proxy = new LoopbackDirectProxy(new WebProxy("http://proxy.example:3128"));
        Assert.Equal(isDirect, proxy.IsBypassed(new Uri(url)));
        Assert.Equal(isDirect ? null : "proxy.example", proxy.GetProxy(new Uri(url))?.Host);
    }
}
