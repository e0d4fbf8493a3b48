using System.Globalization;
using Amazon.Runtime;
using CdfProvisioning.Aws.Client;
using CdfProvisioning.Aws.Iot;
using CdfProvisioning.Iot;

namespace CdfProvisioning.Aws.Tests.Client;

public sealed class AwsServiceClientTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(300);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_throttled_call_is_made_again()
    {
        await using var server = await ScriptedServer.StartAsync(Reply.Throttled, Reply.Ok("""{"thingName":"t1"}"""));
        await using var registry = new AwsDeviceRegistry(TestSettings.For(server));

        var thing = await registry.InvokeAsync(new DescribeThingRequest("t1"), Cancellation);

        Assert.Equal("t1", thing.ThingName);
        Assert.Equal(2, server.Received.Count);
    }

    [Fact]
    public async Task A_template_that_is_too_long_for_AWS_is_refused_before_it_is_sent()
    {
        await using var server = await ScriptedServer.StartAsync(Reply.Ok("{}"));
        await using var registry = new AwsDeviceRegistry(TestSettings.For(server));

        var failure = await FailureAsync(registry, new RegisterThingRequest(new string(' ', 10_241)));

        Assert.Equal(CdfErrorCode.InvalidTemplate, failure.Code);
        Assert.Contains("10,241 characters", failure.Message, StringComparison.Ordinal);
        Assert.Empty(server.Received);
    }

    [Fact]
    public async Task Being_throttled_for_good_says_what_to_do()
    {
        await using var server = await ScriptedServer.StartAsync(Reply.Throttled);
        await using var registry = new AwsDeviceRegistry(TestSettings.For(server));

        var failure = await FailureAsync(registry, new DescribeThingRequest("t1"));

        Assert.Equal(CdfErrorCode.Throttled, failure.Code);
        Assert.Contains("Service Quotas", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_full_quota_of_resources_is_not_taken_for_throttling()
    {
        await using var server = await ScriptedServer.StartAsync(Reply.Error(410, "LimitExceededException", "10 policies are attached"));
        await using var registry = new AwsDeviceRegistry(TestSettings.For(server));

        var failure = await FailureAsync(registry, new AttachPolicyRequest("p", "arn:target"));

        Assert.Equal("LimitExceededException", failure.ErrorTypeName);
        Assert.Single(server.Received);
    }

    [Theory]
    [InlineData(500, "InternalFailureException")]
    [InlineData(503, "ServiceUnavailableException")]
    [InlineData(502, null)]
    public async Task A_failing_server_is_asked_again_and_then_said_to_fail(int status, string? type)
    {
        await using var server = await ScriptedServer.StartAsync(new Reply(status, "{}", type));
        await using var registry = new AwsDeviceRegistry(TestSettings.For(server));

        var failure = await FailureAsync(registry, new DescribeThingRequest("t1"));

        Assert.Equal(CdfErrorCode.Unavailable, failure.Code);
        Assert.Contains("DescribeThing", failure.Message, StringComparison.Ordinal);
        Assert.Equal(3, server.Received.Count);
    }

    [Fact]
    public async Task An_answer_that_does_not_come_is_not_waited_for_longer_than_the_timeout()
    {
        await using var server = await ScriptedServer.StartAsync(Reply.Ok() with { NeverComes = true });
        await using var registry = new AwsDeviceRegistry(TestSettings.For(server, Soon));

        var failure = await FailureAsync(registry, new DescribeThingRequest("t1"));

        Assert.Equal(CdfErrorCode.Unavailable, failure.Code);
        Assert.Contains(server.Url.AbsoluteUri, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_that_breaks_off_or_stops_is_asked_for_again()
    {
        const string thing = """{"thingName":"t1","version":1}""";
        await using var server = await ScriptedServer.StartAsync(
            Reply.Ok(thing) with { BodyNeverComes = true }, Reply.Ok(thing) with { BreaksAfter = 9 }, Reply.Ok(thing));
        await using var registry = new AwsDeviceRegistry(TestSettings.For(server, Soon));

        var described = await registry.InvokeAsync(new DescribeThingRequest("t1"), Cancellation);

        Assert.Equal("t1", described.ThingName);
        Assert.Equal(3, server.Received.Count);
    }

    [Fact]
    public async Task An_answer_that_is_no_JSON_is_an_error_that_names_the_place()
    {
        await using var server = await ScriptedServer.StartAsync(Reply.Ok("<html>Log in to the guest network</html>"));
        await using var registry = new AwsDeviceRegistry(TestSettings.For(server));

        var failure = await FailureAsync(registry, new DescribeThingRequest("t1"));

        Assert.Equal(CdfErrorCode.Unavailable, failure.Code);
        Assert.Contains("proxy", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(500, "<!doctype html><html lang=en><title>500</title><h1>Internal Server Error</h1>")]
    [InlineData(502, "")]
    [InlineData(501, "{}")]
    [InlineData(403, "<html><body>Blocked by policy</body></html>")]
    [InlineData(404, "404 page not found")]
    [InlineData(404, """{"message":"no Route matched"}""")]
    [InlineData(405, "")]
    public async Task An_error_that_is_none_of_AWS_says_its_status_its_place_and_what_was_asked(int status, string body)
    {
        await using var server = await ScriptedServer.StartAsync(new Reply(status, body) { ContentType = "text/html" });
        await using var registry = new AwsDeviceRegistry(TestSettings.For(server));

        var failure = await FailureAsync(registry, new DescribeThingRequest("t1"));

        Assert.Equal(CdfErrorCode.Unavailable, failure.Code);
        Assert.Contains($"AWS IoT at {server.Url} answered DescribeThing with HTTP status {status}", failure.Message, StringComparison.Ordinal);
        Assert.Contains("Check that this is an AWS endpoint that knows DescribeThing", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("inner exception", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_an_error_that_is_none_of_AWS_says_of_itself_is_passed_on()
    {
        await using var server = await ScriptedServer.StartAsync(new Reply(404, """{"message":"no Route matched"}"""));
        await using var registry = new AwsDeviceRegistry(TestSettings.For(server));

        var failure = await FailureAsync(registry, new DescribeThingRequest("t1"));

        Assert.Contains("no Route matched", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(500)]
    public async Task A_call_that_is_not_repeated_may_have_been_done_whatever_the_answer_was(int status)
    {
        await using var server = await ScriptedServer.StartAsync(new Reply(status, "<html>Something else</html>"));
        await using var registry = new AwsDeviceRegistry(TestSettings.For(server));

        var failure = await FailureAsync(registry, new RegisterThingRequest("{}"));

        Assert.Contains("AWS may have done RegisterThing all the same", failure.Message, StringComparison.Ordinal);
        Assert.Single(server.Received);
    }

    [Theory]
    [InlineData(404, "ResourceNotFoundException", """{"message":"The specified resource does not exist"}""", "The specified resource does not exist")]
    [InlineData(404, "ResourceNotFoundException", """{"message":"Not found."}""", "Not found")]
    [InlineData(404, "ResourceNotFoundException", "{}", "ResourceNotFoundException")]
    [InlineData(404, "ResourceNotFoundException", "", "ResourceNotFoundException")]
    [InlineData(400, "InvalidRequestException", """{"message":"Invalid request"}""", "Invalid request")]
    [InlineData(405, "MethodNotAllowed", """{"message":"The method is not allowed."}""", "The method is not allowed")]
    public async Task What_was_asked_is_named_if_AWS_does_not_name_it(int status, string type, string body, string said)
    {
        await using var server = await ScriptedServer.StartAsync(new Reply(status, body, type));
        await using var registry = new AwsDeviceRegistry(TestSettings.For(server));

        var failure = await FailureAsync(registry, new DescribeThingRequest("t1"));

        Assert.Equal($"{said} (DescribeThing of thingName 't1').", failure.Message);
    }

    [Fact]
    public async Task All_that_was_asked_for_is_named_wherever_the_request_carries_it()
    {
        await using var server = await ScriptedServer.StartAsync(Reply.Error(404, "ResourceNotFoundException"));
        await using var registry = new AwsDeviceRegistry(TestSettings.For(server));

        var attach = await FailureAsync(registry, new AttachThingPrincipalRequest("t1", "arn:aws:iot:eu-west-1:1:cert/0a1b"));
        var add = await FailureAsync(registry, new AddThingToThingGroupRequest("g1", ThingName: "t1"));
        var list = await FailureAsync(registry, new ListThingGroupsRequest(MaxResults: 9, ParentGroup: "p1"));

        Assert.EndsWith("(AttachThingPrincipal of thingName 't1', principal 'arn:aws:iot:eu-west-1:1:cert/0a1b').", attach.Message, StringComparison.Ordinal);
        Assert.EndsWith("(AddThingToThingGroup of thingGroupName 'g1', thingName 't1').", add.Message, StringComparison.Ordinal);
        Assert.EndsWith("(ListThingGroups of parentGroup 'p1').", list.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_an_error_that_names_it()
    {
        var server = await ScriptedServer.StartAsync(Reply.Ok());
        await server.DisposeAsync();
        await using var registry = new AwsDeviceRegistry(TestSettings.For(server));

        var failure = await FailureAsync(registry, new DescribeThingRequest("t1"));

        Assert.Equal(CdfErrorCode.Unavailable, failure.Code);
        Assert.Contains(server.Url.AbsoluteUri, failure.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string> MakingCalls => ["breaks", "fails", "never comes"];

    [Theory, MemberData(nameof(MakingCalls))]
    public async Task A_call_that_makes_keys_is_not_repeated_blindly(string how)
    {
        Reply reply = how switch
        {
            "breaks" => Reply.Ok("""{"certificateId":"0a"}""") with { BreaksAfter = 5 },
            "fails" => Reply.Error(500, "InternalFailureException"),
            _ => Reply.Ok() with { NeverComes = true },
        };
        await using var server = await ScriptedServer.StartAsync(reply);
        await using var registry = new AwsDeviceRegistry(TestSettings.For(server, Soon));

        var failure = await FailureAsync(registry, new CreateKeysAndCertificateRequest(true));

        Assert.Equal(CdfErrorCode.Unavailable, failure.Code);
        Assert.Contains("may have done CreateKeysAndCertificate all the same", failure.Message, StringComparison.Ordinal);
        Assert.Single(server.Received);
    }

    [Fact]
    public async Task A_call_that_makes_keys_is_made_again_if_AWS_did_not_hear_it()
    {
        await using var server = await ScriptedServer.StartAsync(Reply.Throttled, Reply.Ok("""{"certificateId":"0a"}"""));
        await using var registry = new AwsDeviceRegistry(TestSettings.For(server));

        var made = await registry.InvokeAsync(new CreateKeysAndCertificateRequest(true), Cancellation);

        Assert.Equal("0a", made.CertificateId);
    }

    public static TheoryData<string, int, string, string?> ErrorForms => new()
    {
        { "ResourceNotFoundException", 404, """{"message":"Thing t1 does not exist"}""", "ResourceNotFoundException" },
        { "ResourceNotFoundException", 404, """{"message":"Thing t1 does not exist"}""", "ResourceNotFoundException:http://internal.amazon.com/" },
        { "VersionConflictException", 409, """{"Message":"Thing t1 does not exist"}""", "VersionConflictException" },
        { "ResourceRegistrationFailureException", 400, """{"__type":"com.amazon.iot#ResourceRegistrationFailureException","message":"Thing t1 does not exist"}""", null },
        { "CertificateStateException", 406, """{"code":"CertificateStateException","message":"Thing t1 does not exist"}""", null },
        { "MalformedPolicyException", 400, """{"message":"Thing t1 does not exist"}""", "MalformedPolicyException" },
    };

    [Theory, MemberData(nameof(ErrorForms))]
    public async Task An_error_of_AWS_keeps_its_type_and_its_words(string expected, int status, string body, string? header)
    {
        await using var server = await ScriptedServer.StartAsync(new Reply(status, body, header));
        await using var registry = new AwsDeviceRegistry(TestSettings.For(server));

        var failure = await FailureAsync(registry, new DescribeThingRequest("t1"));

        Assert.Equal(expected, failure.ErrorTypeName);
        Assert.Equal("Thing t1 does not exist", failure.Message);
    }

    [Fact]
    public async Task What_stands_in_the_way_is_named()
    {
        await using var server = await ScriptedServer.StartAsync(new Reply(
            409, """{"message":"exists","resourceId":"0a1b","resourceArn":"arn:aws:iot:eu-west-1:1:cert/0a1b"}""", "ResourceAlreadyExistsException"));
        await using var registry = new AwsDeviceRegistry(TestSettings.For(server));

        var failure = await FailureAsync(registry, new RegisterCertificateWithoutCARequest("pem"));

        Assert.Equal(("0a1b", "arn:aws:iot:eu-west-1:1:cert/0a1b"), (failure.ResourceId, failure.ResourceArn));
    }

    [Fact]
    public async Task A_missing_permission_is_named_by_its_IAM_action()
    {
        await using var server = await ScriptedServer.StartAsync(Reply.Error(403, "AccessDeniedException", "Forbidden"));
        await using var registry = new AwsDeviceRegistry(TestSettings.For(server));

        var failure = await FailureAsync(registry, new DescribeThingRequest("t1"));

        Assert.Equal(CdfErrorCode.AccessDenied, failure.Code);
        Assert.Contains("iot:DescribeThing", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ExpiredTokenException", "have expired")]
    [InlineData("UnrecognizedClientException", "does not know these credentials")]
    [InlineData("InvalidSignatureException", "Check the secret key")]
    public async Task Credentials_that_AWS_refuses_are_told_apart(string type, string words)
    {
        await using var server = await ScriptedServer.StartAsync(Reply.Error(403, type));
        await using var registry = new AwsDeviceRegistry(TestSettings.For(server));

        var failure = await FailureAsync(registry, new DescribeThingRequest("t1"));

        Assert.Equal(CdfErrorCode.AccessDenied, failure.Code);
        Assert.Contains(words, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_clock_that_is_an_hour_behind_is_corrected()
    {
        var theirs = DateTimeOffset.UtcNow.AddHours(1);
        await using var server = await ScriptedServer.StartAsync(
            Reply.Error(403, "RequestExpired", "Signature expired") with { Date = theirs }, Reply.Ok("""{"thingName":"t1"}"""));
        await using var registry = new AwsDeviceRegistry(TestSettings.For(server));

        await registry.InvokeAsync(new DescribeThingRequest("t1"), Cancellation);

        var date = DateTimeOffset.ParseExact(
            server.Received[^1].Headers["X-Amz-Date"], "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
        Assert.InRange(date, theirs.AddMinutes(-1), theirs.AddMinutes(1));
    }

    [Fact]
    public async Task An_empty_name_is_refused_before_anything_is_sent()
    {
        await using var server = await ScriptedServer.StartAsync(Reply.Ok());
        await using var registry = new AwsDeviceRegistry(TestSettings.For(server));

        var failure = await FailureAsync(registry, new DeleteThingRequest(""));

        Assert.Equal(CdfErrorCode.InvalidRequest, failure.Code);
        Assert.Empty(server.Received);
    }

    [Fact]
    public async Task A_call_can_be_cancelled()
    {
        await using var server = await ScriptedServer.StartAsync(Reply.Ok() with { NeverComes = true });
        await using var registry = new AwsDeviceRegistry(TestSettings.For(server));
        using var cancellation = new CancellationTokenSource(Soon);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await registry.InvokeAsync(new DescribeThingRequest("t1"), cancellation.Token));
    }

    [Theory]
    [InlineData("eu-west-1", false, false, "https://iot.eu-west-1.amazonaws.com/")]
    [InlineData("eu-west-1", true, false, "https://iot.eu-west-1.api.aws/")]
    [InlineData("us-east-1", false, true, "https://iot-fips.us-east-1.amazonaws.com/")]
    [InlineData("cn-north-1", false, false, "https://iot.cn-north-1.amazonaws.com.cn/")]
    [InlineData("us-gov-west-1", false, true, "https://iot-fips.us-gov-west-1.amazonaws.com/")]
    [InlineData("eusc-de-east-1", false, false, "https://iot.eusc-de-east-1.amazonaws.eu/")]
    public void Each_partition_has_its_endpoints(string region, bool dualStack, bool fips, string expected)
    {
        var config = new AwsSettings(region, new AnonymousAWSCredentials()).Apply(new AwsServiceConfig(AwsService.Iot));
        config.UseDualstackEndpoint = dualStack;
        config.UseFIPSEndpoint = fips;

        Assert.Equal(new Uri(expected), new Uri(config.DetermineServiceOperationEndpoint(null!).URL));
    }

    private static async Task<CdfException> FailureAsync<TResponse>(AwsDeviceRegistry registry, IIotRequest<TResponse> request) =>
        await Assert.ThrowsAsync<CdfException>(async () => await registry.InvokeAsync(request, Cancellation));
}
