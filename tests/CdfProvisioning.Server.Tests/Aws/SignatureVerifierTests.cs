using System.Globalization;
using System.Security.Cryptography;
using CdfProvisioning.Server.Aws.Signing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Xunit;

namespace CdfProvisioning.Tests.Aws;

/// <summary>Signatures of AWS's own test suite for version 4, to the second.</summary>
public sealed class SignatureVerifierTests
{
    private const string Vanilla = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31";

    private static readonly AwsCredentials Credentials = new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
    private static readonly DateTimeOffset SignedAt = new(2015, 8, 30, 12, 36, 0, TimeSpan.Zero);
    private static readonly Uri Origin = new("http://127.0.0.1:4566");

    [Theory]
    [InlineData("/", Vanilla)]
    [InlineData("//", Vanilla)]
    [InlineData("/./", Vanilla)]
    [InlineData("/example/..", Vanilla)]
    [InlineData("/example1/example2/../..", Vanilla)]
    [InlineData("/../", Vanilla)]
    [InlineData("/example", "ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5")]
    [InlineData("/./example", "ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5")]
    [InlineData("/a/../example", "ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5")]
    [InlineData("/../example", "ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5")]
    [InlineData("//example//", "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84")]
    [InlineData("/?Param2=value2&Param1=value1", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500")]
    [InlineData("/?Param1=value2&Param1=value1", "5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694")]
    public void A_target_is_signed_without_dots_and_in_order(string target, string signature) => Verify(Signed(target, signature), SignedAt);

    [Theory]
    [InlineData("x-amz-date", "20150830T123600Z")]
    [InlineData("Date", "20150830T123600Z")]
    [InlineData("Date", "Sun, 30 Aug 2015 12:36:00 GMT")]
    [InlineData("Date", "Sun, 30 Aug 2015 12:36:00 -0000")]
    public void The_time_may_come_in_either_header_and_in_the_forms_in_which_HTTP_writes_it(string header, string date)
    {
        var request = Signed("/", "");
        request.Request.Headers.Remove("x-amz-date");
        request.Request.Headers[header] = date;
        var canonical = $"GET\n/\n\n{header.ToLowerInvariant()}:{date}\nhost:example.amazonaws.com\n\n{header.ToLowerInvariant()};host\n{HashOfNothing}";
        Sign(request, new SignatureKey(Credentials.SecretAccessKey, new("20150830", "us-east-1", "service")).Sign(canonical, "20150830T123600Z"), $"{header.ToLowerInvariant()};host");

        Verify(request, SignedAt);
    }

    [Fact]
    public void A_signature_is_good_for_five_minutes_before_and_after_it_was_made()
    {
        foreach (var minutes in new[] { -5, 5 })
            Verify(Signed("/", Vanilla), SignedAt.AddMinutes(minutes));

        Assert.Equal(
            (SignatureProblem.Skewed, "Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z (20150830T124101Z - 5 min.)"),
            ProblemOf(Signed("/", Vanilla), SignedAt.AddMinutes(5).AddSeconds(1)));
        Assert.Equal(
            (SignatureProblem.Skewed, "Signature not yet current: 20150830T123600Z is still later than 20150830T123559Z (20150830T123059Z + 5 min.)"),
            ProblemOf(Signed("/", Vanilla), SignedAt.AddMinutes(-5).AddSeconds(-1)));
    }

    [Fact]
    public void A_link_is_good_to_the_last_second()
    {
        var link = new Uri(PresignedUrl.Create(Credentials, Origin, "/bucket/key", "us-east-1", SignedAt, TimeSpan.FromHours(1)));
        Verify(Linked(link), SignedAt.AddHours(1));

        Assert.Equal(SignatureProblem.ExpiredLink, ProblemOf(Linked(link), SignedAt.AddHours(1).AddSeconds(1)).Problem);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(7 * 24 * 60 * 60, true)]
    [InlineData(0, false)]
    [InlineData(-1, false)]
    [InlineData((7 * 24 * 60 * 60) + 1, false)]
    public void A_link_is_good_for_a_second_to_seven_days(int seconds, bool isPossible)
    {
        var link = new Uri(PresignedUrl.Create(Credentials, Origin, "/bucket/key", "us-east-1", SignedAt, TimeSpan.FromSeconds(seconds)));
        if (isPossible)
            Verify(Linked(link), SignedAt);
        else
            Assert.Equal(
                (SignatureProblem.Incomplete, "X-Amz-Expires must be a number of seconds from 1 to 604800."), ProblemOf(Linked(link), SignedAt));
    }

    /// <summary>The date and the hash are part of what is signed, and the token may be added later.</summary>
    [Theory]
    [InlineData("x-amz-content-sha256")]
    [InlineData("x-amz-security-token")]
    public void Two_headers_of_AWSs_need_not_be_signed(string header)
    {
        var request = Signed("/", Vanilla);
        request.Request.Headers[header] = "any";

        Verify(request, SignedAt);
    }

    [Theory]
    [InlineData("http://127.0.0.1/things?maxResults=5", "/things", "maxResults=5")]
    [InlineData("http://127.0.0.1", "/", "")]
    [InlineData("http://127.0.0.1?maxResults=5", "/", "maxResults=5")]
    [InlineData("*", "/", "")]
    [InlineData("/things?a=http://b/c?d", "/things", "a=http://b/c?d")]
    public void A_target_may_be_a_whole_URI_as_for_a_proxy(string sent, string path, string query) =>
        Assert.Equal(new RawTarget(path, query), RawTarget.Of(Request(sent)));

    private static string HashOfNothing => Convert.ToHexStringLower(SHA256.HashData([]));

    private static DefaultHttpContext Request(string target)
    {
        var context = new DefaultHttpContext();
        context.Request.Method = "GET";
        context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = target;
        return context;
    }

    private static DefaultHttpContext Signed(string target, string signature)
    {
        var context = Request(target);
        context.Request.Headers.Host = "example.amazonaws.com";
        context.Request.Headers["x-amz-date"] = SignedAt.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        Sign(context, signature, "host;x-amz-date");
        return context;
    }

    private static void Sign(HttpContext context, string signature, string signedHeaders) => context.Request.Headers.Authorization =
        $"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders={signedHeaders}, Signature={signature}";

    private static DefaultHttpContext Linked(Uri link)
    {
        var context = Request(link.PathAndQuery);
        context.Request.Headers.Host = link.Authority;
        context.Request.QueryString = new(link.Query);
        return context;
    }

    private static void Verify(HttpContext context, DateTimeOffset now)
    {
        var signature = RequestSignature.Find(context.Request)!;
        new SignatureVerifier(Credentials, new TemporaryCredentials(new byte[32]), new Clock(now))
            .Verify(context, signature, signature.IsPresigned ? PresignedUrl.UnsignedPayload : HashOfNothing);
    }

    private static (SignatureProblem Problem, string Message) ProblemOf(HttpContext context, DateTimeOffset now)
    {
        var problem = Assert.Throws<SignatureException>(() => Verify(context, now));
        return (problem.Problem, problem.Message);
    }

    private sealed class Clock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
