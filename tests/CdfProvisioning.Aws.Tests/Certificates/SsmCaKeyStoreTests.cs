using System.Text.Json;
using Amazon.SimpleSystemsManagement;
using CdfProvisioning.Aws.Certificates;

namespace CdfProvisioning.Aws.Tests.Certificates;

public sealed class SsmCaKeyStoreTests
{
    private static readonly string CaId = new('a', 64);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_key_is_kept_as_an_encrypted_parameter_of_the_original_services_name()
    {
        await using var server = await ScriptedServer.StartAsync(request => request.Headers["X-Amz-Target"] == "AmazonSSM.GetParameter"
            ? Reply.Ok("""{"Parameter":{"Value":"the key"}}""") : Reply.Ok("""{"Version":1}"""));
        using var ssm = ClientFor(server);
        var store = new SsmCaKeyStore(ssm);

        await store.PutAsync(CaId, "the key", Cancellation);

        Assert.Equal("the key", await store.FindAsync(CaId, Cancellation));
        using var put = JsonDocument.Parse(server.Received[0].Body);
        Assert.Equal(($"cdf-ca-key-{CaId}", "SecureString"), (put.RootElement.GetProperty("Name").GetString(), put.RootElement.GetProperty("Type").GetString()));
    }

    [Fact]
    public async Task A_key_that_is_not_there_is_none_and_need_not_be_removed()
    {
        await using var server = await ScriptedServer.StartAsync(new Reply(400, """{"__type":"ParameterNotFound"}"""));
        using var ssm = ClientFor(server);
        var store = new SsmCaKeyStore(ssm);

        Assert.Null(await store.FindAsync(CaId, Cancellation));
        await store.RemoveAsync(CaId, Cancellation);
    }

    [Fact]
    public async Task A_missing_permission_is_named_by_its_IAM_action()
    {
        await using var server = await ScriptedServer.StartAsync(new Reply(400, """{"__type":"AccessDeniedException","message":"Denied"}"""));
        using var ssm = ClientFor(server);

        var failure = await Assert.ThrowsAsync<CdfException>(async () => await new SsmCaKeyStore(ssm).FindAsync(CaId, Cancellation));

        Assert.Contains("ssm:GetParameter", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(404, "404 page not found")]
    [InlineData(502, "<html><body>Bad Gateway</body></html>")]
    public async Task An_answer_that_is_none_of_Systems_Manager_says_its_status_and_its_place(int status, string body)
    {
        await using var server = await ScriptedServer.StartAsync(new Reply(status, body) { ContentType = "text/html" });
        using var ssm = ClientFor(server);

        var failure = await Assert.ThrowsAsync<CdfException>(async () => await new SsmCaKeyStore(ssm).FindAsync(CaId, Cancellation));

        Assert.Equal(CdfErrorCode.Unavailable, failure.Code);
        Assert.Contains($"AWS Systems Manager at {server.Url} answered GetParameter with HTTP status {status}", failure.Message, StringComparison.Ordinal);
    }

    private static AmazonSimpleSystemsManagementClient ClientFor(ScriptedServer server)
    {
        var settings = TestSettings.For(server);
        return new(settings.Credentials, settings.Apply(new AmazonSimpleSystemsManagementConfig()));
    }
}
