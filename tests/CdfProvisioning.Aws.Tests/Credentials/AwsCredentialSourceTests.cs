using System.Runtime.CompilerServices;
using CdfProvisioning.Aws.Credentials;

namespace CdfProvisioning.Aws.Tests.Credentials;

public sealed class AwsCredentialSourceTests
{
    private const string Profiles = """
        [plain]
        aws_access_key_id = AKIDPLAIN
        aws_secret_access_key = secret
        region = eu-central-1

        [role]
        role_arn = arn:aws:iam::123456789012:role/provisioner
        source_profile = plain
        external_id = partner-7

        [login]
        sso_start_url = https://example.awsapps.com/start
        sso_region = eu-west-1
        sso_account_id = 123456789012
        sso_role_name = provisioner
        """;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_profile_brings_its_keys_and_its_region()
    {
        var settings = await new AwsCredentialSource(Options with { ProfileName = "plain" }).ResolveAsync(Cancellation);

        Assert.Equal("eu-central-1", settings.Region);
        Assert.Equal("AKIDPLAIN", (await settings.Credentials.GetCredentialsAsync()).AccessKey);
    }

    [Fact]
    public async Task The_role_of_a_profile_is_assumed_at_the_endpoint_with_its_sources_keys()
    {
        await using var server = await ScriptedServer.StartAsync(AssumedRole("AKIDROLE"));
        var settings = await new AwsCredentialSource(
            Options with { ProfileName = "role", Region = "eu-west-1", EndpointUrl = server.Url }).ResolveAsync(Cancellation);

        Assert.Equal("AKIDROLE", (await settings.Credentials.GetCredentialsAsync()).AccessKey);
        var asked = Assert.Single(server.Received);
        Assert.Contains("Credential=AKIDPLAIN/", asked.Headers["Authorization"], StringComparison.Ordinal);
        Assert.Contains("ExternalId=partner-7", asked.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_role_that_cannot_be_assumed_is_named_with_the_permission()
    {
        await using var server = await ScriptedServer.StartAsync(Reply.Xml(
            403, "<ErrorResponse><Error><Code>AccessDenied</Code><Message>not authorized</Message></Error></ErrorResponse>"));
        var settings = await new AwsCredentialSource(
            Options with { ProfileName = "plain", RoleArn = "arn:aws:iam::1:role/r", EndpointUrl = server.Url }).ResolveAsync(Cancellation);

        var failure = await Assert.ThrowsAsync<CdfException>(settings.Credentials.GetCredentialsAsync);

        Assert.Equal(CdfErrorCode.AccessDenied, failure.Code);
        Assert.Contains("arn:aws:iam::1:role/r", failure.Message, StringComparison.Ordinal);
        Assert.Contains("sts:AssumeRole", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_SSO_login_is_answered_with_what_to_type()
    {
        var failure = await Assert.ThrowsAsync<CdfException>(async () =>
            await AwsBackend.OpenAsync(Options with { ProfileName = "login", Region = "eu-west-1", EndpointUrl = new Uri("http://127.0.0.1:1") }, Cancellation));

        Assert.Equal(CdfErrorCode.AccessDenied, failure.Code);
        Assert.Contains("aws sso login", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_profile_that_there_is_not_is_an_error_that_names_those_that_there_are()
    {
        var failure = await Assert.ThrowsAsync<CdfException>(async () =>
            await new AwsCredentialSource(Options with { ProfileName = "prod", Region = "eu-west-1" }).ResolveAsync(Cancellation));

        Assert.Contains("plain", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_session_has_stored_is_asked_for_each_time_and_gives_way_to_what_is_given()
    {
        var renewals = 0;
        var session = Options with { SessionRegion = "eu-north-1", SessionKeys = () => new AwsKeys($"AKID{++renewals}", "secret") };

        var settings = await new AwsCredentialSource(session).ResolveAsync(Cancellation);
        var given = await new AwsCredentialSource(session with { Region = "eu-west-1", Keys = new AwsKeys("AKIDGIVEN", "secret") }).ResolveAsync(Cancellation);

        Assert.Equal("eu-north-1", settings.Region);
        Assert.Equal("AKID1", (await settings.Credentials.GetCredentialsAsync()).AccessKey);
        Assert.Equal("AKID2", (await settings.Credentials.GetCredentialsAsync()).AccessKey);
        Assert.Equal(("eu-west-1", "AKIDGIVEN"), (given.Region, (await given.Credentials.GetCredentialsAsync()).AccessKey));
    }

    private static AwsBackendOptions Options => new(Path.GetTempPath());

    private static Reply AssumedRole(string accessKey) => Reply.Xml(200, $"""
        <AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
        <AccessKeyId>{accessKey}</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken>
        <Expiration>{DateTime.UtcNow.AddHours(1):yyyy-MM-ddTHH:mm:ssZ}</Expiration>
        </Credentials></AssumeRoleResult></AssumeRoleResponse>
        """);

    /// <summary>The SDK reads its profiles from where this variable says, whatever the user's own are.</summary>
#pragma warning disable CA2255 // Before any test, since the SDK looks once.
    [ModuleInitializer]
    internal static void UseProfiles()
#pragma warning restore CA2255
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory("cdf-").FullName, "credentials");
        File.WriteAllText(file, Profiles);
        Environment.SetEnvironmentVariable("AWS_SHARED_CREDENTIALS_FILE", file);
    }
}
