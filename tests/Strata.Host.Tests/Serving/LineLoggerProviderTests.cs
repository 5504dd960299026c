using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Strata.Host.Serving;

namespace Strata.Host.Tests.Serving;

public sealed class LineLoggerProviderTests
{
    [Fact]
    public void A_path_that_a_client_chose_makes_no_line_of_its_own_and_commands_no_terminal()
    {
        using var log = new StringWriter();
        using var provider = new LineLoggerProvider(log, new FakeTimeProvider(DateTimeOffset.UnixEpoch));
        provider.CreateLogger("").Log(LogLevel.Error, new IOException("no\r\nroom"), "{Method} {Path} failed.", "GET", "/v2/x\nforged\e[2J");
        Assert.Equal("1970-01-01T00:00:00.000Z error GET /v2/x\\u000aforged\\u001b[2J failed.: no\\u000d\\u000aroom\n", log.ToString());
    }
}
